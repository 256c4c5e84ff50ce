#include "collect/desk.h"

#include <algorithm>

#include "base/json_text.h"
#include "collect/answer.h"
#include "collect/canonical.h"
#include "collect/consent_string.h"
#include "collect/credentials.h"
#include "collect/hash.h"
#include "collect/limits.h"
#include "collect/paths.h"
#include "collect/provenance.h"
#include "collect/rejects.h"
#include "collect/strict.h"
#include "collect/tombstones.h"
#include "http/inflate.h"

namespace hospes::collect {
namespace {

/// The beginning of one item's verdict, as JSON.
std::string verdict(
    std::size_t i, std::string_view id, std::string_view key, std::string_view value
) {
  std::string out = "{\"i\":" + std::to_string(i) + ",\"messageId\":";
  out += json_text(id);
  out.append(",\"").append(key).append("\":");
  out += json_text(value);
  return out;
}

std::string listed(const std::map<std::size_t, std::string>& verdicts) {
  std::string out;
  for (const auto& [i, text] : verdicts) out.append(out.empty() ? "" : ",").append(text);
  return out;
}

/// Whether an answer against stands for that identifier, those of the same request included.
Result<bool> said_no(
    const Doors& doors, const Identifier& identifier, PurposeBit purpose,
    std::span<const consent::Row> coming
) {
  const auto atom = TRY(doors.keys.find(identifier));
  const auto ledger = atom ? doors.permissions.find(atom->id, coming) : nullptr;
  const consent::Standing* standing = ledger ? ledger->standing(purpose) : nullptr;
  return standing != nullptr && consent::is_against(standing->state);
}

http::Response refused(int status, std::string text) {
  text += '\n';
  return http::text(status, text);
}

/// The body as text: gzip is seen by its magic bytes, whatever the headers say; `inflated` keeps
/// it.
std::expected<std::string_view, http::Response> plain_body(
    const http::Request& request, std::string& inflated
) {
  std::string_view body = request.body;
  if (http::looks_gzipped(body)) {
    auto text = http::gunzip(body, {body_bytes_max, inflation_ratio_max});
    if (!text) {
      return std::unexpected(
          refused(text.error().code == Code::over_limit ? 413 : 400, text.error().message)
      );
    }
    inflated = std::move(*text);
    body = inflated;
  } else if (const auto coding = request.headers.find("Content-Encoding");
             !coding.empty() && !http::same_text(coding, "identity") &&
             !http::same_text(coding, "gzip")) {
    return std::unexpected(
        refused(415, "this Content-Encoding is not read here; send gzip, or none")
    );
  }
  if (body.size() > body_bytes_max) {
    return std::unexpected(
        refused(413, "the body is larger than 4 MB; send fewer events per request")
    );
  }
  return body;
}

/// Why this key may not record what people answered.
const Reject& no_answers_from(const catalog::KeyMatch& key) {
  return key.use == catalog::KeyUse::public_key ? server_key_needed : scope_needed;
}

}  // namespace

http::Response busy(const Error& error) {
  auto out = refused(
      error.code == Code::over_limit ? 429 : 503,
      std::string("not taken, send it again: ").append(to_string(error.code)) + ": " + error.message
  );
  out.headers.add("Retry-After", error.code == Code::over_limit ? "1" : "5");
  return out;
}

std::expected<Desk::Caller, http::Response> Desk::admit(
    const http::Request& request, std::string_view key, Instant received,
    const catalog::Source*& source
) {
  if (key.empty()) {
    return std::unexpected(refused(
        401,
        "no write key: send it as the user of Basic authorization, as X-Write-Key, as "
        "?writeKey= or as writeKey in the body"
    ));
  }
  const auto match = sources_->by_key(key, received);
  if (!match) return std::unexpected(refused(401, match.error().message));
  source = match->source;
  const auto origin = request.headers.find("Origin");
  if (!origin.empty() && !match->source->admits(origin)) {
    return std::unexpected(refused(
        403, "pages of this origin may not send to source " + match->source->name +
                 "; add it to the origins of the source"
    ));
  }
  if (const auto wait = paces_.wait_s(*match->source, received); wait > 0) {
    auto out = refused(
        429, "source " + match->source->name + " sends more than its events_per_s_max, " +
                 std::to_string(match->source->events_per_s_max) +
                 "; send it again later, or raise it in sources.toml"
    );
    out.headers.add("Retry-After", std::to_string(wait));
    return std::unexpected(std::move(out));
  }
  doors_.arrivals.admitted({*match->source, *match->key, received});
  return Caller{
      .key = *match,
      .gpc = request.headers.find("Sec-GPC") == "1",
      .received = received,
      .request = &request};
}

constexpr std::string_view erased_before =
    "erased: it happened before this person was erased here, and is not taken any more";
constexpr std::string_view kept_no_longer =
    "retention: it happened so long ago that no purpose may have it any more (retention.toml)";

Prepared Desk::judge(const http::Request& request, Instant received) {
  const catalog::Source* source = nullptr;
  const auto only = [&](http::Response response) {
    Prepared out{.response = std::move(response)};
    out.source = source;
    return out;
  };
  const auto found = path_of(request.path);
  if (!found || found->row->use != Use::events) return only(refused(404, "no such path"));
  const Shape shape = found->row->shape;
  std::expected<Caller, http::Response> caller = std::unexpected(http::Response{});
  const std::string key = write_key_of(request);
  if (!key.empty()) {
    caller = admit(request, key, received, source);
    if (!caller) return only(std::move(caller).error());
  }
  std::string inflated;
  const auto body = plain_body(request, inflated);
  if (!body) return only(body.error());
  const auto parsed = parser_.parse(*body, shape);
  if (key.empty()) {
    // Who speaks is settled before what was wrong with the body is told.
    std::string said = parsed ? std::string(parsed->write_key) : std::string();
    if (said.empty()) said = bearer_of(request);
    if (!parsed && said.empty()) return only(refused(400, parsed.error().message));
    caller = admit(request, said, received, source);
    if (!caller) return only(std::move(caller).error());
  }
  if (!parsed) {
    return only(refused(parsed.error().code == Code::over_limit ? 413 : 400, parsed.error().message)
    );
  }
  if (auto mixed = other_source(*parsed, key, *caller)) return only(std::move(*mixed));
  if (shape.kind == Shape::Kind::consent && !caller->key.may(catalog::Scope::consent))
    return only(refused(403, std::string(no_answers_from(caller->key).reason)));
  auto out = all(*parsed, shape, *caller);
  out.bytes = body->size();
  out.source = source;
  return out;
}

/// Two good keys of two sources in one request: nobody can say where it belongs. A masked key in
/// the body, as Jitsu's clients send it, is nobody's and passes.
std::optional<http::Response> Desk::other_source(
    const Parsed& parsed, std::string_view key, const Caller& caller
) const {
  if (key.empty() || parsed.write_key.empty() || parsed.write_key == key) return std::nullopt;
  const auto match = sources_->by_key(parsed.write_key, caller.received);
  if (!match || match->source == caller.key.source) return std::nullopt;
  return refused(
      401, "the key beside the body belongs to source \"" + caller.key.source->name +
               "\", the writeKey in it to source \"" + match->source->name + "\"; send one of them"
  );
}

Prepared Desk::all(const Parsed& parsed, Shape shape, const Caller& caller) {
  Sheet sheet{.caller = caller, .shape = shape, .context = parsed.context};
  sheet.out.records.reserve(parsed.items.size());
  sheet.out.arrivals.reserve(parsed.items.size());
  paces_.spend(*caller.key.source, parsed.items.size(), caller.received);
  // Answers first: the events beside them rest on what is written in one piece with them.
  for (const bool consent : {true, false}) {
    for (std::size_t i = 0; i < parsed.items.size(); ++i) {
      if (parsed.items[i].consent != consent) continue;
      if (const auto taken = item(parsed.items[i], i, sheet); !taken)
        return {.response = busy(taken.error())};
    }
  }
  // A caller that looks at the status alone must not believe that an answer was recorded.
  if (shape.kind == Shape::Kind::consent && sheet.first_reject != nullptr) {
    const auto& why = *sheet.first_reject;
    return {.response = refused(400, std::string(why.code).append(": ").append(why.reason))};
  }
  std::string text = "{\"success\":true,\"accepted\":" + std::to_string(sheet.accepted) +
                     ",\"rejected\":[" + listed(sheet.rejected) + "]";
  if (caller.key.use == catalog::KeyUse::server_key)
    text += ",\"withheld\":[" + listed(sheet.withheld) + "]";
  if (!sheet.invalid.empty()) text += ",\"invalid\":[" + listed(sheet.invalid) + "]";
  if (!sheet.token.empty()) text += ",\"token\":" + std::string(json_text(sheet.token));
  if (shape.kind == Shape::Kind::consent && sheet.out.answers.size() == 1)
    sheet.out.receipt_of = sheet.out.answers.front().message;
  sheet.out.response = http::json(200, text + "}");
  if (const http::Request* request = caller.request; request != nullptr)
    if (const auto cookie = set_cookie(sheet.cookie, *caller.key.source, *request, behind_proxy_); !cookie.empty())
      sheet.out.response.headers.add("Set-Cookie", cookie);
  return std::move(sheet.out);
}

void Desk::refuse(
    const Item& item, std::size_t i, const Reject& why, Sheet& sheet, std::string_view what
) {
  std::string reason(what);
  reason.append(what.empty() ? "" : ": ").append(why.reason);
  std::string told = verdict(i, item.message_id, "code", why.code) + ",\"reason\":";
  told += json_text(reason);
  sheet.rejected.emplace(i, told + '}');
  if (sheet.first_reject == nullptr) sheet.first_reject = &why;
  Arrival heard = arrival(Verdict::rejected, item, sheet);
  // Permission was not established: only names that the house gave itself are shown.
  if (!item.consent && !doors_.catalog.events.row(heard.name).catalogued())
    heard.name = to_string(item.type);
  heard.rule = why.code;
  heard.detail = reason;
  heard.bytes = item.bytes;
  sheet.out.arrivals.push_back(std::move(heard));
}

Arrival Desk::arrival(Verdict verdict, const Item& item, const Sheet& sheet) {
  const catalog::Source& source = *sheet.caller.key.source;
  Arrival out{.verdict = verdict, .at = sheet.caller.received};
  out.type = item.consent ? "consent" : to_string(item.type);
  out.name = item.consent ? "consent" : event_name(item.type, item.event);
  out.source = source.name;
  out.simulated = source.simulated;
  return out;
}

Status Desk::item(const Item& item, std::size_t i, Sheet& sheet) {
  if (item.reject != nullptr) {
    refuse(item, i, *item.reject, sheet);
    return set_aside(item, sheet);
  }
  return item.consent ? answer(item, i, sheet) : event(item, i, sheet);
}

Status Desk::event(const Item& item, std::size_t i, Sheet& sheet) {
  Who who = TRY(who_of(item, doors_.keys));
  if (who.identifiers.empty()) {
    refuse(item, i, no_identifier, sheet);
    return {};
  }
  const auto happened = times(item, who, sheet);
  if (!happened) {
    refuse(item, i, *happened.error(), sheet);
    return set_aside(item, sheet);
  }
  if (!leave_out_erased(who, std::min(happened->happened, sheet.caller.received))) {
    too_late(item, i, erased_before, sheet);
    return {};
  }
  Asked ledger;
  TRY(asked(item, who, happened->happened, sheet, ledger));
  const consent::Question& question = *ledger.question;
  auto stamp = consent::stamp(question);
  if (sheet.caller.key.use == catalog::KeyUse::public_key)
    hear(sheet.cookie, question, stamp.mask, item.anonymous_id);
  if (stamp.mask == 0) {
    withhold(item, i, question, sheet);
    return {};
  }
  const auto name = event_name(item.type, item.event);
  stamp.mask &= ~doors_.catalog.retention.ended(name, stamp.mask, question.start, question.receipt);
  if (stamp.mask == 0) {
    too_late(item, i, kept_no_longer, sheet);
    return {};
  }
  if (!catalogued(item, i, name, question.event, sheet)) return set_aside(item, sheet);
  if (stamp.catalogued_fields_only) {
    std::erase_if(who.apart, [&](const Who::Apart& apart) {
      return question.event.property(item.fields[apart.field].name) == nullptr;
    });
  }
  return keep(item, i, who, stamp, question.event, *happened, sheet);
}

std::expected<Times, const Reject*> Desk::times(
    const Item& item, const Who& who, const Sheet& sheet
) {
  const auto& [key, gpc, received, request] = sheet.caller;
  if (sheet.repaired != nullptr) return times_again(item, *sheet.repaired, sheet.retimed);
  const auto& device = who.identifiers[anchor_of(who.identifiers)];
  return times_of(
      item, key.use, message_hash(doors_.keys.house_secret(), key.source->name, device.value),
      received, skews_
  );
}

Status Desk::asked(
    const Item& item, const Who& who, Instant happened, const Sheet& sheet, Asked& out
) {
  const auto& [key, gpc, received, request] = sheet.caller;
  // Only looked up, not made: what is withheld leaves no trace in the key store either.
  for (const Identifier& identifier : who.identifiers) {
    const auto atom = TRY(doors_.keys.find(identifier));
    out.ledgers.push_back(atom ? doors_.permissions.find(atom->id, sheet.out.answers) : nullptr);
    out.named.push_back({atom.value_or(Atom{{}, received, identifier.kind}), out.ledgers.back().get()});
  }
  std::vector<consent::Preference> preferences;
  for (const auto& [category, allowed] : item.signal.categories)
    preferences.push_back({category, allowed});
  const auto tcf = tcf_categories(item.signal.tc, item.signal.gpp, received);
  if (tcf)
    for (const auto& [category, allowed] : *tcf) preferences.push_back({category, allowed});
  Mask carried_yes = 0;
  const bool unread = !carried(item, who, std::min(happened, received), received, carried_yes) || !tcf;
  const auto name = event_name(item.type, item.event);
  const auto& purposes = doors_.catalog.purposes;
  const bool joins = item.type == EventType::identify || item.type == EventType::alias;
  consent::Signal signal = consent::read_signal(*key.source, purposes, preferences, gpc, unread);
  if (const auto& tool = key.source->trusted)
    signal.voided = doors_.catalog.notices.voided(tool->notice_id, tool->notice_version);
  signal.carried = carried_yes & ~signal.no;
  out.question.emplace(consent::Question{
      .named = out.named,
      .signal = signal,
      .event = doors_.catalog.events.row(name),
      .source = *key.source,
      .purposes = purposes,
      .key = key.may(catalog::Scope::consent) ? key.use : catalog::KeyUse::public_key,
      .attested_login = key.may(catalog::Scope::attest) && joins && out.named.size() > 1 &&
                        who.identifiers.front().kind == catalog::kind::user_id,
      .start = std::min(happened, received),
      .receipt = received});
  return {};
}

bool Desk::catalogued(
    const Item& item, std::size_t i, std::string_view name, const catalog::EventRow& row,
    Sheet& sheet
) {
  const catalog::Source& source = *sheet.caller.key.source;
  if (source.mode != catalog::CatalogueMode::strict) return true;
  const auto no = contradiction(item, name, row);
  if (!no) return true;
  refuse(item, i, *no->why, sheet, no->what);
  said_.clear();
  const auto event = doors_.names.intern(name);
  for (const Field& field : item.fields) {
    if (is_context(field.name)) continue;
    if (const auto known = doors_.names.intern(field.name)) note(field, *known, row.property(field.name));
  }
  if (event) doors_.shapes.hear({source, *event, row, item.message_id, sheet.caller.received, said_});
  return false;
}

void Desk::note(const Field& field, Name name, const catalog::PropertyRow* row) {
  if (const auto type = shape_type(field.value))
    said_.push_back({name, *type, row, row == nullptr || fits(*row, field.value)});
}

void Desk::withhold(
    const Item& item, std::size_t i, const consent::Question& question, Sheet& sheet
) {
  Arrival heard = arrival(Verdict::withheld, item, sheet);
  for (const auto& m : consent::missing(question)) {
    heard.missing.push_back(question.purposes.at(m.purpose).name);
    heard.closed.push_back(m.why);
    heard.detail.append(heard.detail.empty() ? "" : "; ").append(consent::explain(m, question));
  }
  if (!item.message_id.empty())
    heard.message = message_hash(doors_.keys.house_secret(), question.source.name, item.message_id);
  const auto& [key, gpc, received, request] = sheet.caller;
  if (key.use == catalog::KeyUse::server_key) {
    sheet.withheld.emplace(i, verdict(i, item.message_id, "missing", heard.detail) + '}');
  } else {
    ++sheet.accepted;  // what a guest answered is not told to whoever holds a public key
    // Anonymous counts need no consent (design.md, purpose `measure`); who objects to being followed is not even counted.
    if (!gpc && !question.source.simulated && request != nullptr && !request->remote.empty())
      heard.visit = visitors_.of(whence_of(*request, behind_proxy_), question.source.name, received);
  }
  sheet.out.arrivals.push_back(std::move(heard));
}

/// False: the strongest identifier was erased since, so the event is counted and not kept (design.md
/// rule 4: it never falls to a weaker one). Others that were are left out.
bool Desk::leave_out_erased(Who& who, Instant happened) const {
  const Tombstones* tombstones = doors_.tombstones;
  if (tombstones == nullptr || tombstones->size() == 0) return true;
  const auto dead = [&](const Identifier& one) { return tombstones->cover(one, happened); };
  if (dead(who.identifiers.front())) return false;
  std::erase_if(who.identifiers, dead);
  for (const Who::Apart& apart : who.apart)
    if (dead(apart.identifier)) who.left_out.push_back(apart.field);
  std::erase_if(who.apart, [&](const Who::Apart& apart) { return dead(apart.identifier); });
  return true;
}

/// As withheld: whoever holds a public key is not told that somebody was erased.
void Desk::too_late(const Item& item, std::size_t i, std::string_view why, Sheet& sheet) {
  Arrival heard = arrival(Verdict::withheld, item, sheet);
  heard.detail = why;
  if (!item.message_id.empty())
    heard.message =
        message_hash(doors_.keys.house_secret(), sheet.caller.key.source->name, item.message_id);
  if (sheet.caller.key.use == catalog::KeyUse::server_key) {
    sheet.withheld.emplace(i, verdict(i, item.message_id, "missing", why) + '}');
  } else {
    ++sheet.accepted;
  }
  sheet.out.arrivals.push_back(std::move(heard));
}

bool Desk::fill(
    const Item& item, const Who& who, const std::vector<Atom>& atoms, bool catalogued_only,
    const catalog::EventRow& row, record::Arrived& out
) {
  std::size_t bytes = 0;
  for (const Field& field : item.fields) bytes += field.value.text.size() + 12;
  out.event.properties.reserve(bytes);
  said_.clear();
  for (std::size_t f = 0; f < item.fields.size(); ++f) {
    const Field& field = item.fields[f];
    if (std::ranges::find(who.left_out, f) != who.left_out.end()) continue;
    const auto* known = row.property(field.name);
    if (catalogued_only && known == nullptr && !is_provenance(field)) continue;
    const auto name = doors_.names.intern(field.name);
    if (!name) return false;
    if (!is_context(field.name)) note(field, *name, known);
    ValueView value = field.value;
    const auto apart = std::ranges::find(who.apart, f, &Who::Apart::field);
    if (apart != who.apart.end()) {
      const auto at = who.identifiers.size() + static_cast<std::size_t>(apart - who.apart.begin());
      value = {ValueKind::atom, {}, {}, atoms[at].id};
    }
    if (known != nullptr && known->reference) {
      const auto& secret = doors_.keys.house_secret();
      if (field.value.kind == ValueKind::text)
        out.references.push_back(reference_hash(secret, field.value.text));
      else if (field.value.kind == ValueKind::number)
        out.references.push_back(reference_hash(secret, to_string(field.value.number)));
    }
    out.event.properties.add(*name, value);
  }
  return true;
}

Status Desk::keep(
    const Item& item, std::size_t i, const Who& who, const consent::Stamp& stamp,
    const catalog::EventRow& row, const Times& times, Sheet& sheet
) {
  const auto& [key, gpc, received, request] = sheet.caller;
  std::vector<Identifier> wanted = who.identifiers;
  for (const auto& apart : who.apart) wanted.push_back(apart.identifier);
  const auto atoms = TRY(doors_.keys.resolve(wanted, received));
  const auto name = event_name(item.type, item.event);
  record::Arrived arrived;
  Event& e = arrived.event;
  const auto name_id = doors_.names.intern(name);
  const auto source_id = doors_.names.intern(key.source->name);
  if (!name_id || !source_id ||
      !fill(item, who, atoms, stamp.catalogued_fields_only, row, arrived)) {
    refuse(item, i, names_full, sheet);
    return set_aside(item, sheet);
  }
  e.owner = atoms.front();
  e.anchor = atoms[anchor_of(who.identifiers)];
  e.others.assign(
      atoms.begin() + 1, atoms.begin() + static_cast<std::ptrdiff_t>(who.identifiers.size())
  );
  e.message_id = id_of(item, sheet);
  e.message = message_hash(doors_.keys.house_secret(), key.source->name, e.message_id);
  e.mask = stamp.mask;
  e.opened = stamp.opened;
  e.happened = times.happened;
  e.received = received;
  e.original = times.original;
  e.sent = times.sent;
  e.type = item.type;
  e.grade = key.may(catalog::Scope::attest) ? Grade::attested : Grade::asserted;
  e.name = *name_id;
  e.source = *source_id;
  e.flags = static_cast<std::uint8_t>(
      (times.clamped ? flag_clamped : 0) | (key.source->simulated ? flag_simulated : 0) |
      (item.bytes > event_bytes_usual ? flag_oversize : 0)
  );
  Arrival heard = arrival(Verdict::accepted, item, sheet);
  heard.owner = to_hex(e.owner.id);
  heard.message_id = e.message_id;
  heard.message = e.message;
  heard.lag = received - times.happened;
  heard.original = e.original;
  heard.sent = e.sent;
  doors_.shapes.hear({*key.source, *name_id, row, e.message_id, received, said_});
  sheet.out.arrivals.push_back(std::move(heard));
  const AtomId anchor = e.anchor.id;
  sheet.out.records.push_back(
      {anchor, std::make_shared<const record::Record>(record::Record{
                   received, std::nullopt, std::nullopt, std::move(arrived)})}
  );
  ++sheet.accepted;
  return {};
}

Status Desk::answer(const Item& item, std::size_t i, Sheet& sheet) {
  const auto& [key, gpc, received, request] = sheet.caller;
  const auto no = [&](const Reject& why) -> Status {
    refuse(item, i, why, sheet);
    return {};
  };
  if (!key.may(catalog::Scope::consent)) return no(no_answers_from(key));
  const auto purpose = doors_.catalog.purposes.find(item.answer.purpose);
  if (!purpose) return no(unknown_purpose);
  const auto state = consent::parse_answer(item.answer.state);
  if (!state) return no(unknown_state);
  const bool retired = (doors_.catalog.purposes.retired() & bit(*purpose)) != 0;
  if (retired && *state == consent::Answer::given) return no(retired_purpose);
  const auto said = item.answer.happened.empty() ? item.timestamp : item.answer.happened;
  const auto since = said.empty() ? std::optional(received) : parse_instant(said);
  const auto until = item.answer.until.empty() ? std::optional(Instant::never())
                                               : parse_instant(item.answer.until);
  if (!since || !until) return no(bad_time);
  const Who who = TRY(who_of(item, doors_.keys));
  if (who.identifiers.empty()) return no(no_identifier);
  if (doors_.tombstones != nullptr && doors_.tombstones->cover(who.identifiers.front(), *since)) {
    too_late(item, i, erased_before, sheet);
    return {};
  }
  if (imported(item) && *state == consent::Answer::given &&
      TRY(said_no(doors_, who.identifiers.front(), *purpose, sheet.out.answers)))
    return no(older_than_no);
  const catalog::Finding* invalid =
      *state == consent::Answer::given
          ? doors_.catalog.notices.against(item.answer.notice_id, item.answer.notice_version, *purpose)
          : nullptr;
  const auto atoms = TRY(doors_.keys.resolve({&who.identifiers.front(), 1}, received));
  consent::Row row{
      .atom = atoms.front().id,
      .purpose = *purpose,
      .state = invalid != nullptr ? consent::Answer::invalid : *state,
      .since = std::min(*since, received),
      .until = *until,
      .acted = received,
      .position = {},
      .source = std::string(origin_of(item).empty() ? key.source->name : origin_of(item)),
      .notice =
          {std::string(item.answer.notice_id), std::string(item.answer.notice_version),
           std::string(item.answer.notice_lang)},
      .message = {},
      .actor = {}};
  const std::string id =
      !item.message_id.empty()
          ? std::string(item.message_id)
          : "answer-" + to_hex(row.atom) + "-" + std::string(item.answer.purpose) + "-" +
                std::string(item.answer.state) + "-" + std::to_string(row.since.us);
  row.message = message_hash(doors_.keys.house_secret(), key.source->name, id);
  Arrival heard = arrival(Verdict::accepted, item, sheet);
  std::string proof(item.answer.proof);
  if (invalid != nullptr) {
    proof.append(proof.empty() ? "" : "; ").append("notice: ").append(invalid->code);
    heard.detail = invalid->code + ": " + invalid->en + " (" + invalid->source + ")";
    std::string told = verdict(i, item.message_id, "code", invalid->code) + ",\"reason\":";
    sheet.invalid.emplace(i, told + json_text("stored as invalid, it opens nothing: " + heard.detail) + '}');
  }
  if (sheet.shape.kind == Shape::Kind::consent) sheet.token = token_of(who.identifiers.front(), row);
  sheet.out.records.push_back(record_of(atoms.front(), row, std::move(proof), received));
  heard.owner = to_hex(row.atom);
  heard.message_id = id;
  heard.message = row.message;
  sheet.out.arrivals.push_back(std::move(heard));
  sheet.out.answers.push_back(std::move(row));
  ++sheet.accepted;
  return {};
}

}  // namespace hospes::collect
