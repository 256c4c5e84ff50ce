// What comes by no key: what was refused for its shape alone, and permitted, into the dead letters and
// out of them again; and what the house itself saw.
// docs/dead_letters.md.
#include "base/json_text.h"
#include "collect/canonical.h"
#include "collect/desk.h"
#include "collect/hash.h"
#include "collect/limits.h"

namespace hospes::collect {
namespace {

/// The letter as a body that the parser reads, with its padding.
std::string body_of(const dead_letter::Letter& letter) {
  const auto& [head, content] = letter;
  std::string out;
  out.reserve(content.item.size() + content.context.size() + http::body_padding + 32);
  if (head.call != dead_letter::Head::no_call) {
    out.append(content.item);
  } else {
    out.append("{");
    if (!content.context.empty()) out.append("\"context\":").append(content.context).append(",");
    out.append("\"batch\":[").append(content.item).append("]}");
  }
  return out;  // itself: a copy would have no room behind its text
}

Shape shape_of(const dead_letter::Head& head) {
  if (head.call == dead_letter::Head::no_call) return {};
  return {Shape::Kind::event, static_cast<EventType>(head.call)};
}

void put(std::string& out, std::string_view key, std::string_view json) {
  out.append(out.ends_with('{') ? "" : ",").append(json_text(key)).append(":").append(json);
}

void put_text(std::string& out, std::string_view key, std::string_view text) {
  if (!text.empty()) put(out, key, json_text(text));
}

std::string json_of(const ValueView& value) {
  switch (value.kind) {
    case ValueKind::boolean:
      return value.truth() ? "true" : "false";
    case ValueKind::number:
      return to_string(value.number);
    case ValueKind::json:
      return std::string(value.text);
    default:
      return json_text(value.text);
  }
}

std::string consent_of(const Signal& signal) {
  std::string preferences = "{";
  for (const auto& [category, allowed] : signal.categories)
    put(preferences, category, allowed ? "true" : "false");
  std::string out = "{";
  put(out, "categoryPreferences", preferences + "}");
  put_text(out, "token", signal.token);
  put_text(out, "tcString", signal.tc);
  put_text(out, "gppString", signal.gpp);
  return out + "}";
}

/// The item with those of its fields alone that the catalogue lists: where nothing rests on consent,
/// no other may be kept. Dotted names stay whole; the parser makes the same of them.
std::string reduced(const Item& item, const catalog::EventRow& row) {
  std::string fields = "{", out = "{";
  for (const Field& field : item.fields)
    if (row.property(field.name) != nullptr) put(fields, field.name, json_of(field.value));
  put_text(out, "type", to_string(item.type));
  put_text(out, "event", item.event);
  put_text(out, "userId", item.user_id);
  put_text(out, "anonymousId", item.anonymous_id);
  put_text(out, "previousId", item.previous_id);
  put_text(out, "messageId", item.message_id);
  put_text(out, "timestamp", item.timestamp);
  put_text(out, "originalTimestamp", item.original_timestamp);
  put(out, item.type == EventType::identify ? "traits" : "properties", fields + "}");
  std::string context = "{", externals;
  for (const ExternalId& id : item.external_ids) {
    externals.append(externals.empty() ? "" : ",").append("{\"type\":").append(json_text(id.type));
    externals.append(",\"id\":").append(json_text(id.value)).append("}");
  }
  if (!externals.empty()) put(context, "externalIds", "[" + externals + "]");
  if (item.signal.present) put(context, "consent", consent_of(item.signal));
  put(out, "context", context + "}");
  return out + "}";
}

}  // namespace

std::string Desk::id_of(const Item& item, const Sheet& sheet) const {
  if (sheet.repaired != nullptr) return sheet.repaired->content.message_id;
  return item.message_id.empty() ? canonical_id(item, doors_.keys.house_secret())
                                 : std::string(item.message_id);
}

Status Desk::set_aside(const Item& item, Sheet& sheet) {
  const auto& [key, gpc, received, request] = sheet.caller;
  if (doors_.letters == nullptr || sheet.repaired != nullptr) return {};
  if (item.consent || item.blurred || item.raw.empty() || item.bytes > event_bytes_max) return {};
  Who who = TRY(who_of(item, doors_.keys));
  if (who.identifiers.empty()) return {};
  const auto read = times(item, who, sheet);
  const Instant happened = read ? read->happened : received;
  const std::size_t named_all = who.identifiers.size() + who.apart.size();
  // Its text names whoever was erased: it is not kept either.
  if (!leave_out_erased(who, std::min(happened, received)) ||
      who.identifiers.size() + who.apart.size() != named_all)
    return {};
  Asked ledger;
  TRY(asked(item, who, happened, sheet, ledger));
  const auto stamp = consent::stamp(*ledger.question);
  if (stamp.mask == 0) return {};
  std::vector<Identifier> named = who.identifiers;
  for (const auto& apart : who.apart) named.push_back(apart.identifier);
  const auto atoms = TRY(doors_.keys.resolve(named, received));
  Arrival& heard = sheet.out.arrivals.back();
  dead_letter::Letter letter;
  dead_letter::Head& head = letter.head;
  head.gpc = gpc;
  head.reduced = stamp.catalogued_fields_only;
  letter.content = {heard.detail, id_of(item, sheet), {}, {}};
  if (head.reduced) {
    letter.content.item = reduced(item, ledger.question->event);
  } else {
    letter.content.context = sheet.context;
    letter.content.item = item.raw;
  }
  head.message = message_hash(doors_.keys.house_secret(), key.source->name, letter.content.message_id);
  head.received = received;
  head.happened = happened;
  for (const Atom& atom : atoms) head.atoms.push_back(atom.id);
  head.mask = stamp.mask;
  head.opened = stamp.opened;
  head.use = static_cast<std::uint8_t>(key.use);
  head.scopes = key.key->scopes;
  head.call = sheet.shape.kind == Shape::Kind::event ? static_cast<std::uint8_t>(sheet.shape.type)
                                                     : dead_letter::Head::no_call;
  head.timed = read.has_value();
  head.source = key.source->name;
  head.rule = heard.rule;
  head.event = heard.name;
  heard.letter = head.message;
  sheet.out.letters.push_back(std::move(letter));
  return {};
}

Result<Prepared> Desk::again(const dead_letter::Letter& letter, bool retimed, Instant now) {
  sources_ = doors_.sources.now();
  const catalog::Source* source = TRY(sources_->named(letter.head.source));
  const std::string body = body_of(letter);
  const Parsed parsed = TRY(parser_.parse(body, shape_of(letter.head)));
  // The words of the key that it came with: a repair makes nobody's word weigh more.
  const catalog::WriteKey key{
      .use = static_cast<catalog::KeyUse>(letter.head.use), .scopes = letter.head.scopes};
  Sheet sheet{.caller = {.key = {source, key.use, &key}, .gpc = letter.head.gpc, .received = now}};
  sheet.shape = shape_of(letter.head);
  sheet.repaired = &letter;
  sheet.retimed = retimed;
  const Item& item = parsed.items.front();
  if (item.consent)
    return fail(Code::invalid_input, "an answer is no event: it is recorded by /v1/consent, by whoever took it");
  TRY(this->item(item, 0, sheet));
  sheet.out.sources = std::move(sources_);
  sheet.out.source = source;
  return std::move(sheet.out);
}

Prepared Desk::own(
    const http::Request& request, const catalog::Source& source, Instant received
) {
  static const catalog::WriteKey no_key{.use = catalog::KeyUse::server_key, .scopes = 0};
  sources_ = doors_.sources.now();
  const Shape shape{Shape::Kind::event, EventType::track};
  Prepared out;
  if (const auto parsed = parser_.parse(request.body, shape); parsed) {
    out = all(*parsed, shape, {.key = {&source, no_key.use, &no_key}, .received = received});
    out.bytes = request.body.size();
  } else {
    out.response = http::text(400, parsed.error().message + "\n");
  }
  out.source = &source;
  out.sources = std::move(sources_);
  return out;
}

}  // namespace hospes::collect
