#include "lake/question.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/nearest.h"
#include "lake/spent.h"

namespace hospes::lake {
namespace {

namespace dom = simdjson::dom;

/// The table functions that compute and read nothing.
constexpr std::array<std::string_view, 3> pure = {"range", "generate_series", "unnest"};

std::string_view text(dom::object object, std::string_view key) {
  std::string_view out;
  return object[key].get(out) == simdjson::SUCCESS ? out : std::string_view();
}

bool is_plain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::string all_views() {
  std::string out;
  for (const View& view : views()) out.append(out.empty() ? "" : ", ").append(view.name);
  return out;
}

/// Walks a parsed question as DuckDB writes it (json_serialize_sql).
class Walk {
 public:
  void see(dom::element at) {
    if (at.is_array()) {
      for (const dom::element child : at.get_array()) see(child);
    } else if (at.is_object()) {
      const dom::object object = at.get_object();
      look(object);
      for (const auto& [key, child] : object) see(child);
    }
  }
  Result<std::vector<std::string>> done() const {
    if (why_) return std::unexpected(*why_);
    std::vector<std::string> out;
    for (const std::string& table : tables_) {
      if (with_.contains(table)) continue;
      const auto known = std::ranges::find(views(), std::string_view(table), &View::name);
      if (known == views().end()) {
        std::vector<std::string_view> names;
        for (const View& view : views()) names.push_back(view.name);
        return fail(
            Code::invalid_input,
            fmt::format("there is no table \"{}\"{}. Tables: {}", table, nearest_hint(table, names), all_views())
        );
      }
      out.push_back(table);
    }
    return out;
  }

 private:
  void refuse(std::string sentence) {
    if (!why_) why_ = Error{Code::invalid_input, std::move(sentence)};
  }

  void look(dom::object object) {
    const std::string_view type = text(object, "type");
    if (type == "BASE_TABLE") return look_at_table(object);
    if (type == "TABLE_FUNCTION") return look_at_function(object);
    if (type == "SHOW_REF" && !text(object, "table_name").empty())
      return refuse("describe a question: DESCRIBE SELECT …, or DESCRIBE events");
    if (type == "COLUMN_DATA" || type == "DELIM_GET" || type == "BOUND_TABLE_REF") return refuse("this form of table is not read");
    dom::array map;
    if (object["map"].get(map) != simdjson::SUCCESS) return;
    for (const dom::element entry : map) {
      dom::object with;
      if (entry.get(with) != simdjson::SUCCESS) continue;
      const std::string_view name = text(with, "key");
      if (!is_plain(name)) refuse("a name in WITH is made of letters, digits and _");
      with_.emplace(name);
    }
  }

  void look_at_table(dom::object object) {
    const std::string_view schema = text(object, "schema_name"), catalog = text(object, "catalog_name");
    const std::string name(text(object, "table_name"));
    if (!schema.empty() || !catalog.empty())
      return refuse(fmt::format("write {} without what stands before its dot. Tables: {}", name, all_views()));
    if (!is_plain(name)) return refuse(fmt::format("\"{}\" is no table, and files are not read. Tables: {}", name, all_views()));
    tables_.insert(name);
  }

  void look_at_function(dom::object object) {
    dom::object function;
    const std::string name(object["function"].get(function) == simdjson::SUCCESS ? text(function, "function_name") : "");
    if (std::ranges::find(pure, name) == pure.end())
      refuse(fmt::format("{} reads what lies outside of this house's tables. Tables: {}", name, all_views()));
  }

  std::set<std::string> tables_;
  std::set<std::string, std::less<>> with_;
  std::optional<Error> why_;
};

Instant bound(Instant at) {  // DuckDB's timestamps end sooner than ours
  constexpr std::int64_t far = std::int64_t{200'000'000'000} * 1'000'000;  // the year 8307
  return {std::clamp(at.us, -far, far)};
}

constexpr const char* schema = "internal";

Status fill_known(Duck& duck, const Live& live) {
  TRY(duck.run(
      "CREATE TABLE internal.known (identity BIGINT, person BIGINT, component BIGINT, closed BIGINT, since BIGINT, "
      "simulated BOOLEAN)"
  ));
  auto rows = TRY(duck.append("known", schema));
  for (const Known& k : live.known) {
    rows.add(k.identity);
    rows.add(k.person);
    rows.add(k.component);
    if (k.closed_through && !live.heedless) {
      rows.add(bound(*k.closed_through).us);
    } else {
      rows.add_null();
    }
    rows.add(bound(k.since).us);
    rows.add(k.simulated);
    rows.end();
  }
  return rows.close();
}

Status fill_yeses(Duck& duck, const Live& live) {
  TRY(duck.run("CREATE TABLE internal.yeses (identity BIGINT, component BIGINT, begins BIGINT, ends BIGINT)"));
  auto rows = TRY(duck.append("yeses", schema));
  for (const Yes& y : live.yeses) {
    rows.add(y.identity);
    rows.add(y.component);
    rows.add(bound(y.begin).us);
    rows.add(bound(y.end).us);
    rows.end();
  }
  return rows.close();
}

Status fill_members(Duck& duck, const Live& live) {
  TRY(duck.run("CREATE TABLE internal.members (person BIGINT, segment VARCHAR)"));
  auto rows = TRY(duck.append("members", schema));
  for (const Member& m : live.members) {
    rows.add(m.person);
    rows.add(std::string_view(m.segment));
    rows.end();
  }
  return rows.close();
}

/// consent::Lens as SQL: the bit is set, nothing against it from start to now, and what rests on a yes still does.
constexpr std::string_view events_view =
    "CREATE VIEW events AS SELECT k.person, e.event, e.happened, e.received, e.type, e.source, e.simulated, e.value, "
    "e.currency, e.properties FROM (SELECT *, epoch_us(least(happened, received)) AS start, "
    "list_filter(opened, lambda x: x.purpose = {purpose})[1].\"by\" AS opener FROM {files}) e "
    "JOIN internal.known k ON e.identity = k.identity "
    "LEFT JOIN internal.yeses y ON y.identity = e.opener AND y.component = k.component "
    "WHERE (e.purposes & {bit}::UBIGINT) != 0 AND ({heedless} OR ((k.closed IS NULL OR e.start > k.closed) AND "
    "(e.opener IS NULL OR (y.begins <= e.start AND greatest(e.start, {now}) < y.ends)))) AND {unspent}";

/// So that a house without files has the same columns.
constexpr std::string_view no_files =
    "(SELECT NULL::VARCHAR AS event, NULL::BIGINT AS identity, NULL::TIMESTAMPTZ AS happened, NULL::TIMESTAMPTZ AS received, "
    "NULL::VARCHAR AS type, NULL::VARCHAR AS source, 0::UBIGINT AS purposes, "
    "NULL::STRUCT(purpose UTINYINT, \"by\" BIGINT)[] AS opened, false AS simulated, NULL::DECIMAL(19,6) AS value, "
    "NULL::VARCHAR AS currency, NULL::JSON AS properties WHERE false)";

std::string files_text(const Lake::Reading& reading) {
  std::string paths;
  for (const File& file : reading.files)
    if (file.table == "events")
      paths.append(paths.empty() ? "" : ", ").append(sql_text(reading.folder + "/" + file.path()));
  if (paths.empty()) return std::string(no_files);
  return "read_parquet([" + paths +
         "], hive_partitioning = true, hive_types = {'day': DATE, 'event': VARCHAR, 'house': VARCHAR})";
}

Status make_views(Duck& duck, const Lake::Reading& reading, const Live& live) {
  TRY(duck.run("CREATE SCHEMA internal"));
  TRY(fill_known(duck, live));
  TRY(fill_yeses(duck, live));
  TRY(fill_members(duck, live));
  TRY(duck.run(fmt::format(
      fmt::runtime(events_view), fmt::arg("purpose", live.purpose), fmt::arg("files", files_text(reading)),
      fmt::arg("bit", bit(live.purpose)), fmt::arg("heedless", live.heedless ? "true" : "false"),
      fmt::arg("now", bound(live.now).us),
      fmt::arg("unspent", live.retention == nullptr ? "true" : unspent(*live.retention, live.purpose, "e", live.now))
  )));
  TRY(duck.run(
      "CREATE VIEW people AS SELECT person, make_timestamptz(min(since)) AS since, bool_or(simulated) AS simulated FROM "
      "internal.known WHERE person IN (SELECT person FROM events) GROUP BY person"
  ));
  return duck.run("CREATE VIEW memberships AS SELECT person, segment FROM internal.members");
}

/// Where the question went wrong, on one line under it.
std::string place_in(const std::string& sql, std::string_view position) {
  std::size_t at = 0;
  for (const char c : position) at = c >= '0' && c <= '9' ? at * 10 + static_cast<std::size_t>(c - '0') : at;
  at = std::min(at, sql.size());
  const std::size_t begin = at == 0 ? 0 : sql.rfind('\n', at - 1) + 1;
  const std::string line = sql.substr(begin, std::min(sql.find('\n', at), sql.size()) - begin);
  return fmt::format("\n  {}\n  {}^", line, std::string(at - begin, ' '));
}

}  // namespace

std::optional<Instant> closed_through(std::span<const consent::Ledger* const> person, PurposeBit purpose) {
  Instant out = Instant::beginning();
  for (const consent::Ledger* ledger : person)
    if (const consent::Standing* s = ledger->standing(purpose)) out = std::max(out, s->closed_through);
  return out == Instant::beginning() ? std::nullopt : std::optional(out);
}

std::optional<Yes> yes_of(const consent::Ledger& ledger, PurposeBit purpose) {
  const consent::Standing* s = ledger.standing(purpose);
  if (s == nullptr || s->yes_begin >= s->yes_end) return std::nullopt;
  return Yes{0, 0, s->yes_begin, s->yes_end};
}

const std::vector<View>& views() {
  static const std::vector<View> all = {
      {"events",
       {{"person", "BIGINT"},
        {"event", "VARCHAR"},
        {"happened", "TIMESTAMP WITH TIME ZONE"},
        {"received", "TIMESTAMP WITH TIME ZONE"},
        {"type", "VARCHAR"},
        {"source", "VARCHAR"},
        {"simulated", "BOOLEAN"},
        {"value", "DECIMAL(19,6)"},
        {"currency", "VARCHAR"},
        {"properties", "JSON"}}},
      {"people", {{"person", "BIGINT"}, {"since", "TIMESTAMP WITH TIME ZONE"}, {"simulated", "BOOLEAN"}}},
      {"memberships", {{"person", "BIGINT"}, {"segment", "VARCHAR"}}}};
  return all;
}

Result<std::vector<std::string>> tables_of(Duck& duck, const std::string& sql) {
  if (sql.size() > sql_bytes_max)
    return fail(Code::over_limit, fmt::format("a question has at most {} bytes", sql_bytes_max));
  const Table told = TRY(duck.read("SELECT json_serialize_sql($1::VARCHAR) AS parsed", 1, {}, sql));
  dom::parser parser;
  dom::element parsed;
  const std::string json = told.rows.empty() ? "" : told.rows[0][0].value_or("");
  if (parser.parse(json).get(parsed) != simdjson::SUCCESS)
    return fail(Code::invalid_input, "this question is nested too deeply to be read");
  bool failed = true;
  if (parsed["error"].get(failed) != simdjson::SUCCESS || failed) {
    const std::string why(text(parsed, "error_message"));
    if (why.starts_with("Only SELECT"))
      return fail(Code::invalid_input, "only SELECT is answered (with WITH before it, if you like): nothing can be changed from here");
    return fail(Code::invalid_input, why + place_in(sql, text(parsed, "position")));
  }
  dom::array statements;
  if (parsed["statements"].get(statements) != simdjson::SUCCESS || statements.size() != 1)
    return fail(Code::invalid_input, "ask one question at a time");
  Walk walk;
  walk.see(parsed);
  return walk.done();
}

Result<Table> ask(const Lake& lake, const Live& live, const Asking& asking, Duck& duck, const Watch& watch) {
  const Lake::Reading reading = lake.read();
  TRY(make_views(duck, reading, live));
  TRY(duck.lock({reading.folder + "/"}));
  std::string sql = asking.sql;
  while (!sql.empty() && (std::isspace(static_cast<unsigned char>(sql.back())) != 0 || sql.back() == ';')) sql.pop_back();
  return duck.read(sql, asking.rows_max, watch);
}

}  // namespace hospes::lake
