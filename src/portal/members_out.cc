// POST /v1/sets/export: the people of a segment, or of a combination, as a file for another tool. Only
// those leave whom the purpose named may serve, by the identifiers that are firmly theirs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <future>

#include "catalog/kinds.h"
#include "flow/cold.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "lake/parquet.h"
#include "lake/print.h"
#include "lake/xlsx.h"
#include "outbox/basis.h"
#include "portal/body.h"
#include "portal/json.h"
#include "portal/reads.h"
#include "portal/second.h"
#include "portal/sets.h"

namespace hospes::portal {
namespace {

constexpr std::size_t rows_max = 200'000;  // of one file: it is made in memory
constexpr std::array<std::string_view, 4> formats = {"csv-fr", "csv", "xlsx", "parquet"};

struct Wanted {
  std::string where, purpose, format = "csv-fr";
  std::vector<std::string> identifiers = {"user_id", "email"};
  bool real_only = false;
};

Status take(const Field& field, Wanted& out) {
  const auto is = [&](std::string_view name) { return field.name == name && field.text; };
  if (is("where")) {
    out.where = field.value;
  } else if (is("purpose")) {
    out.purpose = field.value;
  } else if (is("format")) {
    out.format = field.value;
    if (std::ranges::find(formats, field.value) == formats.end())
      return fail(Code::invalid_input, "format is csv-fr, csv, xlsx or parquet");
  } else if (field.name == "identifiers") {
    out.identifiers = TRY(read_texts(field));
  } else if (field.name == "real_only" && (field.value == "true" || field.value == "false")) {
    out.real_only = field.value == "true";
  } else {
    return fail(
        Code::invalid_input,
        "the body has where, purpose, and if you like format, identifiers and real_only (true or false), not " + field.name
    );
  }
  return {};
}

Result<Wanted> wanted_in(const http::Request& request) {
  Wanted out;
  for (const Field& field : TRY(read_object(request.body))) TRY(take(field, out));
  if (out.purpose.empty())
    return fail(
        Code::invalid_input,
        "purpose is missing: what will the file be used for? contact:email, share:…, market: only whom it may serve leaves"
    );
  if (out.identifiers.empty() || out.identifiers.size() > 8)
    return fail(Code::invalid_input, "identifiers names one to eight kinds, such as user_id or email");
  return out;
}

/// Why somebody stays.
enum class Stays : std::uint8_t { against, no_yes, not_firmly, no_identifier };

struct Out {
  const ConsoleDoors& doors;
  const SetAsked& set;
  const catalog::Purpose& purpose;
  std::vector<KindId> kinds;
  lake::Table table;
  std::array<std::uint64_t, 4> stay{};
  bool full = false;

  void add(const Met& met) {
    const auto row = row_of(met);
    if (!row) {
      ++stay[static_cast<std::size_t>(row.error())];
    } else if (table.rows.size() == rows_max) {
      full = true;
    } else {
      table.rows.push_back(*row);
    }
  }

 private:
  using Row = std::vector<std::optional<std::string>>;

  std::expected<Row, Stays> row_of(const Met& met) {
    const Instant now = now_of(doors, met.state);
    const auto firm = firm_of(met, now);
    if (const auto no = denied(met, firm, now)) return std::unexpected(*no);
    if (!is_member(met, firm, now)) return std::unexpected(Stays::not_firmly);
    Row row{to_hex(met.person.id.atom)};
    bool any = false;
    for (const KindId kind : kinds) {
      row.push_back(value_of(met, firm, kind));
      any = any || row.back();
    }
    if (!any) return std::unexpected(Stays::no_identifier);
    return row;
  }

  /// What is firmly tied to their strongest identifier, as effects and rights have it.
  std::vector<std::uint16_t> firm_of(const Met& met, Instant now) const {
    if (met.component.atoms.size() == 1) return met.person.atoms;
    const auto strongest = std::ranges::min_element(met.person.atoms, {}, [&](std::uint16_t i) {
      const Atom& atom = met.component.atoms[i].atom;
      return std::pair(catalog::priority_of(atom.kind), atom);
    });
    auto out = flow::firmly_tied(met.component, *strongest, doors.node.house().link, now);
    std::ranges::sort(out);
    std::vector<std::uint16_t> own;  // a device that is several people's is nobody's to be sent
    std::ranges::set_intersection(out, met.person.atoms, std::back_inserter(own));
    return own;
  }

  std::optional<Stays> denied(const Met& met, const std::vector<std::uint16_t>& firm, Instant now) const {
    const outbox::Basis basis = outbox::basis_of(purpose.basis);
    if (basis == outbox::Basis::heedless) return std::nullopt;
    std::vector<const consent::Ledger*> all;
    for (const auto& list : {met.person.atoms, met.person.tied})
      for (const std::uint16_t i : list) all.push_back(&met.component.atoms[i].ledger);
    const auto said = consent::meet(all, purpose.ordinal, now);
    if (said && consent::is_against(*said)) return Stays::against;
    if (basis == outbox::Basis::interest) return std::nullopt;
    const bool yes = std::ranges::any_of(firm, [&](std::uint16_t i) {
      const consent::Standing* s = met.component.atoms[i].ledger.standing(purpose.ordinal);
      return s != nullptr && s->yes_over(now, now);
    });
    return yes ? std::nullopt : std::optional(Stays::no_yes);
  }

  /// Whether they are in it not only by what a public key asserted.
  bool is_member(const Met& met, const std::vector<std::uint16_t>& firm, Instant now) const {
    if (firm == met.person.atoms) return true;
    flow::PersonState alone{.id = met.person.id, .atoms = firm};
    for (const auto& list : {met.person.atoms, met.person.tied})
      for (const std::uint16_t i : list)
        if (std::ranges::find(firm, i) == firm.end()) alone.tied.push_back(i);
    const flow::Look look(met.state, met.component, alone, doors.node.house().heeds_no_answer, now);
    return set.question.holds([&](segment::SegmentIndex i) {
      return flow::truth_of(set.engine->definitions(), i, look.person(), now);
    });
  }

  /// The first that was heard of.
  std::optional<std::string> value_of(
      const Met& met, const std::vector<std::uint16_t>& firm, KindId kind
  ) const {
    const Atom* first = nullptr;
    for (const std::uint16_t i : firm) {
      const Atom& atom = met.component.atoms[i].atom;
      if (atom.kind == kind && (first == nullptr || atom.born < first->born)) first = &atom;
    }
    if (first == nullptr) return std::nullopt;
    const auto found = doors.keys.reveal(first->id);
    return found ? std::optional(found->value) : std::nullopt;
  }
};

/// Everybody of the set, a page of each partition at a time: a writer waits for one at most.
void walk_set(Out& out, bool real_only) {
  constexpr std::size_t page = 200;
  for (unsigned p = 0; p < out.doors.node.partitions() && !out.full; ++p) {
    std::uint32_t next = 0;
    for (bool more = true; more && !out.full;) {
      std::promise<void> over;
      out.doors.node.ask(static_cast<Partition>(p), [&](const flow::PartitionState& s) {
        const roaring::Roaring members = out.set.question.members(s, real_only);
        auto at = members.begin();
        at.move_equalorlarger(next);
        for (std::size_t n = 0; n < page && at != members.end(); ++n, ++at) {
          next = *at + 1;
          const flow::PersonRef ref = s.dense[*at];
          if (ref.component != nullptr) out.add({s, *ref.component, ref.component->people[ref.index]});
        }
        more = at != members.end();
        flow::make_room(s);
        over.set_value();
      });
      over.get_future().get();
    }
  }
}

Result<std::string> bytes_of(const std::string& format, const lake::Table& table, Instant at) {
  if (format == "xlsx") return lake::to_xlsx(table, at);
  if (format == "parquet") return lake::to_parquet(table);
  return lake::to_csv(
      table, format == "csv" ? lake::Csv{',', false, false, true} : lake::Csv::french()
  );
}

std::pair<std::string_view, std::string_view> type_of(std::string_view format) {
  if (format == "xlsx")
    return {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"};
  if (format == "parquet") return {"application/vnd.apache.parquet", "parquet"};
  return {"text/csv; charset=utf-8", "csv"};
}

/// A partner gets only what was open to that partner from the start, as actions.toml has it.
Status check_purpose(const SetAsked& set, const std::string& purpose) {
  TRY(set.one_purpose());
  if (!purpose.starts_with("share:") || set.first().purpose == purpose) return {};
  return fail(
      Code::invalid_input,
      fmt::format(
          "{} may be told only what segments of purpose {} know, and {} serves {}", purpose, purpose,
          set.first().id, set.first().purpose
      )
  );
}

}  // namespace

http::Response members_out(const ConsoleDoors& doors, const http::Request& request) {
  const auto wanted = wanted_in(request);
  if (!wanted) return problem(wanted.error());
  const auto purpose = doors.catalog.purposes.named(wanted->purpose);
  if (!purpose) return problem(purpose.error());
  const auto set = set_asked(doors, wanted->where);
  if (!set) return problem(set.error());
  if (const Status fits = check_purpose(*set, wanted->purpose); !fits) return problem(fits.error());
  Out out{.doors = doors, .set = *set, .purpose = doors.catalog.purposes.at(*purpose), .kinds = {}, .table = {}};
  out.table.columns.push_back({"person", "VARCHAR"});
  for (const std::string& name : wanted->identifiers) {
    const auto kind = catalog::kind_named(name);
    if (!kind) return problem(kind.error());
    out.kinds.push_back(*kind);
    out.table.columns.push_back({name, "VARCHAR"});
  }
  const Instant now = doors.clock.now();
  walk_set(out, wanted->real_only);
  if (out.full)
    return problem(
        Error{Code::over_limit, fmt::format("more than {} people: ask for fewer at a time", rows_max)}
    );
  const std::size_t rows = out.table.rows.size();
  const Grave grave{
      .kind = "export", .what = "members of " + set->question.text() + ", for " + wanted->purpose + ", " + wanted->format,
      .exactly = request.body, .people = rows};
  if (auto wait = second_person(doors, request, grave)) return std::move(*wait);
  auto bytes = bytes_of(wanted->format, out.table, now);
  if (!bytes) return problem(bytes.error());
  const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  const auto stayed = [&](Stays why) { return out.stay[static_cast<std::size_t>(why)]; };
  doors.diary.note(
      diary::Level::info, "members.out", "members left the house as a file",
      {{"purpose", wanted->purpose},
       {"where", set->question.text()},
       {"format", wanted->format},
       {"by", doors.access.session(request).token ? "token" : "session"},
       {"people", number(rows)},
       {"against", number(stayed(Stays::against))},
       {"no_yes", number(stayed(Stays::no_yes))},
       {"not_firmly", number(stayed(Stays::not_firmly))},
       {"no_identifier", number(stayed(Stays::no_identifier))}}
  );
  const auto [type, ending] = type_of(wanted->format);
  http::Response answer{200, {}, std::move(*bytes)};
  answer.headers.add("Content-Type", std::string(type));
  answer.headers.add("Content-Disposition", fmt::format("attachment; filename=\"hospes-members.{}\"", ending));
  answer.headers.add("X-Hospes-People", std::to_string(rows));
  answer.headers.add(
      "X-Hospes-Stay",
      fmt::format(
          "against={}, no_yes={}, not_firmly={}, no_identifier={}", stayed(Stays::against),
          stayed(Stays::no_yes), stayed(Stays::not_firmly), stayed(Stays::no_identifier)
      )
  );
  return answer;
}

}  // namespace hospes::portal
