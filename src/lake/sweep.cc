// Rewriting: what no purpose may see any more leaves the files.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lake/lake.h"
#include "lake/spent.h"

namespace hospes::lake {
namespace {

/// Each of `all` as a row: `cells` adds what stands in it.
template <class All, class Cells>
Status put(Duck& db, const std::string& table, const All& all, const Cells& cells) {
  auto rows = TRY(db.append(table));
  for (const auto& one : all) {
    cells(rows, one);
    rows.end();
  }
  return rows.close();
}

Status fill(Duck& db, const Standings& now) {
  TRY(db.run(
      "CREATE OR REPLACE TABLE living (identity BIGINT, component BIGINT);"
      "CREATE OR REPLACE TABLE closed (identity BIGINT, purpose UBIGINT, through BIGINT);"
      "CREATE OR REPLACE TABLE yeses (identity BIGINT, component BIGINT, purpose UBIGINT, begins BIGINT, ends BIGINT)"
  ));
  TRY(put(db, "living", now.living, [](auto& row, const auto& l) { row.add(l.first), row.add(l.second); }));
  TRY(db.run("CREATE OR REPLACE TABLE living AS SELECT identity, last(component) AS component FROM living GROUP BY identity"));
  TRY(put(db, "closed", now.closed, [](auto& row, const Standings::Closed& c) {
    row.add(c.identity), row.add(std::uint64_t{c.purpose}), row.add(c.through.us);
  }));
  return put(db, "yeses", now.yeses, [](auto& row, const Standings::Yes& y) {
    row.add(y.identity), row.add(y.component), row.add(std::uint64_t{y.purpose}), row.add(y.begin.us), row.add(y.end.us);
  });
}

/// consent::Lens for all purposes at once. A row whose identity no longer lives is left out.
constexpr std::string_view visible =
    "WITH f AS (SELECT *, epoch_us(least(happened, received)) AS start FROM read_parquet({file}, file_row_number = true, "
    "hive_partitioning = false)), "
    "shut AS (SELECT file_row_number AS n, bit_or(1::UBIGINT << c.purpose) AS bits FROM f JOIN closed c ON "
    "c.identity = f.identity AND f.start <= c.through GROUP BY n), "
    "rested AS (SELECT file_row_number AS n, identity, start, unnest(opened) AS o FROM f), "
    "fallen AS (SELECT n, bit_or(1::UBIGINT << r.o.purpose) AS bits FROM rested r JOIN living l USING (identity) LEFT JOIN "
    "yeses y ON y.identity = r.o.\"by\" AND y.component = l.component AND y.purpose = r.o.purpose AND y.begins <= r.start AND "
    "greatest(r.start, {now}) < y.ends WHERE y.identity IS NULL GROUP BY n), "
    "seen AS (SELECT f.*, last_act, purposes & ~((coalesce(shut.bits, 0::UBIGINT) | coalesce(fallen.bits, 0::UBIGINT)) & "
    "~{heedless}::UBIGINT) & ~{spent} AS still FROM f JOIN living USING (identity) LEFT JOIN acts USING (identity) LEFT JOIN shut ON shut.n = file_row_number LEFT JOIN "
    "fallen ON fallen.n = file_row_number) ";

std::uint64_t number_in(const Table& told) {
  const std::string text = told.rows.at(0).at(0).value_or("0");
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

/// When whoever bears an identity last did something: as flow::last_act, from the files.
Status Lake::fill_acts(const Standings& now) {
  Duck& db = *TRY(duck());
  TRY(db.run(
      "CREATE OR REPLACE TABLE acts (identity BIGINT, last_act BIGINT);"
      "CREATE OR REPLACE TABLE bearers (identity BIGINT, person BIGINT);"
      "CREATE OR REPLACE TABLE heard (person BIGINT, last_act BIGINT)"
  ));
  TRY(put(db, "bearers", now.bearers, [](auto& row, const auto& b) { row.add(b.first), row.add(b.second); }));
  TRY(put(db, "heard", now.answered, [](auto& row, const auto& a) { row.add(a.first), row.add(a.second.us); }));
  std::string files;
  const auto& no_act = doors_.catalog.retention.no_act;
  if (!now.bearers.empty())
    for (const File& f : read().files)
      if (std::ranges::find(no_act, f.event) == no_act.end())
        files.append(files.empty() ? "" : ", ").append(sql_text(absolute(below(f.path()))));
  if (!files.empty())
    TRY(db.run(
        "INSERT INTO heard SELECT person, max(epoch_us(happened)) FROM read_parquet([" + files +
        "], hive_partitioning = false) JOIN bearers USING (identity) GROUP BY person"
    ));
  return db.run(
      "INSERT INTO acts SELECT identity, max(last_act) FROM bearers JOIN heard USING (person) GROUP BY identity;"
      "DROP TABLE bearers; DROP TABLE heard"
  );
}

Result<Swept> Lake::sweep(const Standings& now, const Watch& watch) {
  const std::lock_guard alone(cutting_);
  Duck& db = *TRY(duck());
  TRY(fill(db, now));
  TRY(fill_acts(now));
  const std::vector<File> files = read().files;
  Swept out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (watch.progress) watch.progress(static_cast<double>(i) / static_cast<double>(files.size()));
    if (watch.stop)
      if (auto why = watch.stop()) return std::unexpected(std::move(*why));
    if (files[i].upto <= now.upto) TRY(rewrite(files[i], now, out));
  }
  TRY(db.run("DROP TABLE living; DROP TABLE closed; DROP TABLE yeses; DROP TABLE acts"));
  Manifest next;
  {
    const std::lock_guard lock(mutex_);
    next = manifest_;
  }
  next.swept = now.now;
  TRY(finish(std::move(next)));
  remove_retired();
  return out;
}

/// One file; untouched when everything in it may stay as it is.
Status Lake::rewrite(const File& file, const Standings& now, Swept& out) {
  Duck& db = *TRY(duck());
  const std::string with = fmt::format(
      fmt::runtime(visible), fmt::arg("file", sql_text(absolute(below(file.path())))), fmt::arg("now", now.now.us),
      fmt::arg("heedless", now.heedless), fmt::arg("spent", spent_bits(doors_.catalog.retention, file.event, now.now))
  );
  const std::uint64_t same = number_in(TRY(db.read(with + "SELECT count(*) FROM seen WHERE still = purposes AND still != 0", 1)));
  if (same == file.rows) return {};
  Manifest next;
  {
    const std::lock_guard lock(mutex_);
    next = manifest_;
  }
  File fresh = file;
  ++fresh.generation;
  const std::uint64_t left = number_in(TRY(db.read(with + "SELECT count(*) FROM seen WHERE still != 0", 1)));
  std::erase(next.files, file);
  if (left > 0) {
    fresh = TRY(write_file(
        fresh, with + "SELECT * EXCLUDE (start, still, file_row_number, last_act) REPLACE (still AS purposes) FROM seen WHERE still != 0 ORDER BY "
                      "file_row_number"
    ));
    next.files.push_back(fresh);
  }
  TRY(finish(std::move(next)));
  retired_.push_back(file.path());
  ++out.files;
  out.rows += file.rows - left;
  return {};
}

}  // namespace hospes::lake
