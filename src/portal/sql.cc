#include "portal/sql.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <unordered_set>

#include "lake/print.h"
#include "portal/body.h"
#include "portal/json.h"
#include "portal/reads.h"
#include "portal/second.h"

namespace hospes::portal {
namespace {

constexpr std::size_t rows_usual = 10'000, rows_max = 1'000'000;
constexpr std::size_t memory_mb = 512;             // of one question
constexpr Duration time_max = std::chrono::seconds(120);
constexpr std::array<std::string_view, 4> formats = {"json", "csv", "csv-fr", "text"};

struct Asked {
  lake::Asking asking{.sql = {}, .rows_max = rows_usual};
  std::string purpose;
  std::string format = "json";
  bool fresh = false;
};

Status take(const Field& field, Asked& out) {
  if (field.name == "sql" && field.text) {
    out.asking.sql = field.value;
  } else if (field.name == "purpose" && field.text) {
    out.purpose = field.value;
  } else if (field.name == "format" && field.text) {
    out.format = field.value;
    if (std::ranges::find(formats, field.value) == formats.end())
      return fail(Code::invalid_input, "format is json, csv, csv-fr or text");
  } else if (field.name == "fresh" && (field.value == "true" || field.value == "false")) {
    out.fresh = field.value == "true";
  } else if (field.name == "rows_max") {
    std::size_t n = 0;
    const auto [end, error] = std::from_chars(field.value.data(), field.value.data() + field.value.size(), n);
    if (error != std::errc() || end != field.value.data() + field.value.size() || n == 0 || n > rows_max)
      return fail(Code::invalid_input, fmt::format("rows_max is a whole number from 1 to {}", rows_max));
    out.asking.rows_max = n;
  } else {
    return fail(Code::invalid_input, "the body has sql, purpose, and if you like format, rows_max and fresh (true or false), not " + field.name);
  }
  return {};
}

Result<Asked> asked_in(const http::Request& request) {
  Asked out;
  for (const Field& field : TRY(read_object(request.body))) TRY(take(field, out));
  if (out.asking.sql.empty()) return fail(Code::invalid_input, "sql is missing: a SELECT over events, people, memberships");
  if (out.purpose.empty())
    return fail(
        Code::invalid_input,
        "purpose is missing: what is the answer for? measure, market, …: only what it may see is counted"
    );
  return out;
}

std::string columns_json(const std::vector<lake::Column>& columns) {
  List out;
  for (const lake::Column& c : columns) out.add(Object().text("name", c.name).text("type", c.type).done());
  return out.done();
}

http::Response lake_as_it_is(const lake::Lake& lake) {
  const lake::Extent extent = lake.extent();
  List tables;
  for (const lake::View& view : lake::views())
    tables.add(Object().text("name", view.name).raw("columns", columns_json(view.columns)).done());
  Object out;
  out.raw("as_of", extent.as_of == Instant::beginning() ? "null" : json_text(to_string(extent.as_of)))
      .number("files", extent.files)
      .number("rows", extent.rows)
      .number("bytes", extent.bytes)
      .number("gaps", extent.gaps)
      .raw("error", extent.last ? "null" : json_text(extent.last.error().message))
      .raw("tables", tables.done());
  return http::json(200, out.done() + "\n");
}

/// As far as an answer shows: those of its column `person`, else one a row at most.
std::uint64_t people_in(const lake::Table& answer) {
  const auto column = std::ranges::find(answer.columns, "person", &lake::Column::name);
  if (column == answer.columns.end()) return answer.rows.size();
  const auto at = static_cast<std::size_t>(column - answer.columns.begin());
  std::unordered_set<std::string_view> people;
  for (const auto& row : answer.rows)
    if (row[at]) people.insert(*row[at]);
  return people.size();
}

http::Response typed(std::string_view type, std::string body) {
  http::Response out{200, {}, std::move(body)};
  out.headers.add("Content-Type", type);
  return out;
}

}  // namespace

Sql::Sql(const ConsoleDoors& doors)
    : doors_(doors),
      jobs_(doors.clock, doors.diary, lake_jobs(doors)),
      queue_(1, waiting_max, "too many questions wait for the lake; ask again", [this](const http::Request& request) {
        give_way();
        return answer(request);
      }) {}

void Sql::handle(http::Request request, http::Responder responder) {
  if (request.path.starts_with("/v1/jobs")) return responder.send(of_jobs(request));
  queue_.put(std::move(request), std::move(responder));
}

void Sql::close() {
  closing_ = true;
  jobs_.close();
  queue_.close();
}

/// Answered at once: a job that runs must be seen, and be cancelled.
http::Response Sql::of_jobs(const http::Request& request) {
  if (const auto name = between(request.path, "/v1/jobs/", "")) {
    const Status done = request.method == "POST" ? jobs_.ask(*name) : jobs_.cancel(*name);
    if (!done) return problem(done.error());
  }
  return http::json(200, jobs_.json() + "\n");
}

http::Response Sql::answer(const http::Request& request) {
  if (closing_) return problem(503, "unavailable", "the server stops; ask again");
  if (doors_.lake == nullptr)
    return problem(404, "not_found", "this house keeps no lake: [lake] every_s in hospes.toml says how often it is cut");
  return request.method == "GET" ? lake_as_it_is(*doors_.lake) : ask(request);
}

http::Response Sql::ask(const http::Request& request) {
  const auto asked = asked_in(request);
  if (!asked) return problem(asked.error());
  const auto purpose = doors_.catalog.purposes.named(asked->purpose);
  if (!purpose) return problem(purpose.error());
  const Instant began = doors_.clock.now();
  auto duck = lake::Duck::open({.memory_mb_max = memory_mb, .time_zone = doors_.catalog.house.time_zone});
  if (!duck) return problem(duck.error());
  const auto tables = lake::tables_of(**duck, asked->asking.sql);
  if (!tables) return problem(tables.error());
  if (asked->fresh) {
    if (const Status cut = doors_.lake->cut(); !cut) return problem(cut.error());
  }
  const bool members = std::ranges::find(*tables, "memberships") != tables->end();
  const lake::Live live = tables->empty() ? lake::Live{} : live_for(doors_, *purpose, members);
  const lake::Watch watch{.progress = {}, .stop = [&]() -> std::optional<Error> {
    if (closing_) return Error{Code::unavailable, "the server stops; ask again"};
    if (doors_.clock.now() - began < time_max) return std::nullopt;
    return Error{Code::over_limit, "the question takes more than two minutes: narrow it, by happened or by event"};
  }};
  const auto told = lake::ask(*doors_.lake, live, asked->asking, **duck, watch);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(doors_.clock.now() - began);
  doors_.diary.note(
      diary::Level::info, "lake.asked", told ? "a question was answered" : "a question was not answered",
      {{"purpose", asked->purpose}, {"rows", static_cast<std::int64_t>(told ? told->rows.size() : 0)}, {"ms", took.count()}}
  );
  if (!told) return problem(told.error());
  if (!tables->empty()) {
    const Grave grave{
        .kind = "export", .what = "SQL for " + asked->purpose + ", " + asked->format + ": " + asked->asking.sql,
        .exactly = asked->purpose + '\n' + asked->format + '\n' + asked->asking.sql, .people = people_in(*told)};
    if (auto no = second_person(doors_, request, grave)) return std::move(*no);
  }
  if (asked->format == "csv") return typed("text/csv; charset=utf-8", lake::to_csv(*told, {}));
  if (asked->format == "csv-fr") return typed("text/csv; charset=utf-8", lake::to_csv(*told, lake::Csv::french()));
  if (asked->format == "text") return http::text(200, lake::to_text(*told));
  return http::json(
      200, Object()
                   .text("purpose", asked->purpose)
                   .text("as_of", to_string(doors_.lake->extent().as_of))
                   .number("took_ms", static_cast<std::uint64_t>(took.count()))
                   .truth("cut", told->cut)
                   .done()
                   .insert(1, lake::json_members(*told) + ",") +
               "\n"
  );
}

}  // namespace hospes::portal
