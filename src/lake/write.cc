// How rows become files: the lake's side of DuckDB.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "lake/lake.h"

namespace hospes::lake {
namespace {

constexpr std::chrono::hours held_for{24 * 36};  // design.md rule 9, and a day
constexpr Duration day_ends_after = std::chrono::hours(1);  // a cut that lags still finds its day
constexpr unsigned every_tier = ~0U;

/// What an event is in the files: docs/lake.md lists the columns.
constexpr std::string_view staged =
    "CREATE OR REPLACE TABLE staged (part UBIGINT, message UBIGINT, identity BIGINT, happened TIMESTAMP, received TIMESTAMP, "
    "type VARCHAR, source VARCHAR, purposes UBIGINT, opened VARCHAR, simulated BOOLEAN, value VARCHAR, currency VARCHAR, "
    "properties VARCHAR)";
constexpr std::string_view select_part =
    "SELECT message, identity, happened::TIMESTAMPTZ AS happened, received::TIMESTAMPTZ AS received, type, source, "
    "purposes, opened::STRUCT(purpose UTINYINT, \"by\" BIGINT)[] AS opened, simulated, value::DECIMAL(19,6) AS value, "
    "currency, properties::JSON AS properties FROM staged WHERE part = {} ORDER BY rowid";

void add_text(Duck::Appender& to, std::string_view text) {
  if (text.empty()) {
    to.add_null();
  } else {
    to.add(text);
  }
}

void add(Duck::Appender& to, std::uint64_t part, const EventRow& row) {
  to.add(part);
  to.add(row.message);
  to.add(row.identity);
  to.add(row.happened);
  to.add(row.received);
  to.add(row.type);
  to.add(std::string_view(row.source));
  to.add(row.purposes);
  add_text(to, row.opened);
  to.add(row.simulated);
  add_text(to, row.value ? to_string(*row.value) : "");
  add_text(to, row.currency);
  to.add(std::string_view(row.properties));
  to.end();
}

}  // namespace

Result<std::vector<File>> Lake::write(const Cut& cut) {
  Duck& db = *TRY(duck());
  TRY(db.run(std::string(staged)));
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> parts;  // by day and event
  auto rows = TRY(db.append("staged"));
  for (const EventRow& row : cut.events)
    add(rows, parts.try_emplace({row.day, row.event}, parts.size()).first->second, row);
  TRY(rows.close());
  std::vector<File> out;
  for (const auto& [what, part] : parts) {
    File file{"events", std::string(what.first), std::string(what.second), cut.after, cut.upto};
    out.push_back(TRY(write_file(std::move(file), fmt::format(fmt::runtime(select_part), part))));
  }
  TRY(db.run("DROP TABLE staged"));
  return out;
}

/// Written aside, synced, and only then under its name.
Result<File> Lake::write_file(File file, const std::string& select) {
  Duck& db = *TRY(duck());
  const std::string folder = below(file.folder()), path = below(file.path()), aside = path + ".new";
  TRY(doors_.data.make_folder(folder));
  const std::string to = absolute(aside);
  TRY(db.run(fmt::format("COPY ({}) TO {} (FORMAT parquet, COMPRESSION zstd)", select, sql_text(to))));
  const auto counted = TRY(db.read("SELECT num_rows FROM parquet_file_metadata(" + sql_text(to) + ")", 1));
  const std::string rows = counted.rows.at(0).at(0).value_or("0");
  std::from_chars(rows.data(), rows.data() + rows.size(), file.rows);
  auto written = TRY(doors_.data.open(aside, disk::Mode::write));
  file.bytes = TRY(written->size());
  TRY(written->sync());
  TRY(doors_.data.rename(aside, path));
  TRY(doors_.data.sync_folder(folder));
  return file;
}

/// So many small files of one event and day become one, and so on upwards: a day's files stay few, and each row is
/// written some log(n) times. Of a day that is over one file stays for each event.
Status Lake::merge() {
  const std::string today = to_string(doors_.clock.now() - day_ends_after).substr(0, 10);
  for (;;) {
    std::map<std::tuple<std::string, std::string, std::string, unsigned>, std::vector<File>> alike;
    for (File& file : read().files) {
      const unsigned tier = file.day < today ? every_tier : file.tier;
      alike[{file.table, file.day, file.event, tier}].push_back(std::move(file));
    }
    const auto many = std::ranges::find_if(alike, [&](const auto& a) {
      return a.second.size() >= (std::get<3>(a.first) == every_tier ? 2 : options_.merge_files);
    });
    if (many == alike.end()) return {};
    std::vector<File> olds = std::move(many->second);
    std::ranges::sort(olds, {}, &File::from);
    if (std::get<3>(many->first) != every_tier) olds.resize(options_.merge_files);
    TRY(merge(olds));
  }
}

Status Lake::merge(const std::vector<File>& olds) {
  File one = olds.front();
  std::string paths;
  for (const File& old : olds) {
    one.upto = std::max(one.upto, old.upto);
    one.generation = std::max(one.generation, old.generation);
    one.tier = std::max(one.tier, old.tier + 1);
    paths.append(paths.empty() ? "" : ", ").append(sql_text(absolute(below(old.path()))));
  }
  one = TRY(write_file(one, "SELECT * FROM read_parquet([" + paths + "], hive_partitioning = false)"));
  Manifest next;
  {
    const std::lock_guard lock(mutex_);
    next = manifest_;
  }
  std::erase_if(next.files, [&](const File& f) { return std::ranges::find(olds, f) != olds.end(); });
  next.files.push_back(std::move(one));
  TRY(finish(std::move(next)));
  for (const File& old : olds) retired_.push_back(old.path());
  return {};
}

Status Lake::remember() {
  if (held_) return {};
  Held held;
  std::string paths;
  const std::string first = to_string(doors_.clock.now() - std::chrono::duration_cast<Duration>(held_for)).substr(0, 10);
  for (const File& file : read().files)
    if (file.table == "events" && file.day >= first)
      paths.append(paths.empty() ? "" : ", ").append(sql_text(absolute(below(file.path()))));
  if (!paths.empty()) {
    Duck& db = *TRY(duck());
    const auto told = TRY(db.read(
        "SELECT message FROM read_parquet([" + paths + "], hive_partitioning = false)", std::numeric_limits<std::int32_t>::max()
    ));
    held.reserve(told.rows.size());
    for (const auto& row : told.rows) {
      std::uint64_t message = 0;
      std::from_chars(row[0]->data(), row[0]->data() + row[0]->size(), message);
      held.insert(message);
    }
  }
  held_ = std::move(held);
  return {};
}

}  // namespace hospes::lake
