#include "collect/parse.h"

#include <algorithm>
#include <cstring>

#include "collect/limits.h"
#include "collect/rejects.h"
#include "collect/walk.h"
#include "signal/tc_string.h"

namespace hospes::collect {
namespace {

std::optional<EventType> event_type(std::string_view text) {
  for (const auto type :
       {EventType::track, EventType::identify, EventType::page, EventType::screen, EventType::group,
        EventType::alias}) {
    if (text == to_string(type)) return type;
  }
  return std::nullopt;
}

}  // namespace

class Parser::Impl : Walker {
 public:
  Result<Parsed> parse(std::string_view body, Shape shape);

 private:
  error_code envelope(od::document& doc, Parsed& out, bool& has_batch);
  error_code batch(od::document& doc, Parsed& out);
  error_code item(od::value value, Item& out);
  error_code item_fields(od::object object, Item& out);
  error_code item_field(std::string_view key, od::value& value, Item& out);
  error_code context(od::value& value, Item& out);
  error_code consent(od::value& value, Item& out);
  error_code rudder_consent(od::value& value, Item& out);
  error_code list(od::value& value, bool given, Item& out);
  error_code external_ids(od::value& value, Item& out);
  error_code answer_notice(od::value& value, Item& out);
  void finish(Item& item, const Item& outer) const;

  od::parser parser_;
  od::parser context_parser_;
  std::string outer_context_;
  Item outer_;  // what the envelope says for all
  bool typed_ = false;
};

error_code Parser::Impl::list(od::value& value, bool given, Item& out) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type != od::json_type::array) return skip(value, out);
  out.signal.present = true;
  od::array array;
  STEP(value.get_array().get(array));
  for (auto element : array) {
    od::value inner;
    STEP(element.get(inner));
    std::string_view name;
    const auto before = out.refusals;
    STEP(text(inner, out, name, name_bytes_max, name_too_long));
    if (out.signal.categories.size() >= properties_max) refuse(out, too_many);
    if (!name.empty() && out.refusals == before) out.signal.categories.emplace_back(name, given);
  }
  return SUCCESS;
}

error_code Parser::Impl::rudder_consent(od::value& value, Item& out) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type != od::json_type::object) return skip(value, out);
  od::object object;
  STEP(value.get_object().get(object));
  for (auto field : object) {
    std::string_view key;
    STEP(field.unescaped_key(true).get(key));
    od::value inner;
    STEP(field.value().get(inner));
    if (key == "deniedConsentIds")
      STEP(list(inner, false, out));
    else if (key == "allowedConsentIds")
      STEP(list(inner, true, out));
    else
      STEP(skip(inner, out));
  }
  return SUCCESS;
}

/// A malformed answer is not a missing one: the event is refused rather than read as if nothing had
/// been said.
error_code Parser::Impl::consent(od::value& value, Item& out) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type != od::json_type::object) {
    if (type != od::json_type::null) refuse(out, wrong_type);
    return skip(value, out);
  }
  od::object object;
  STEP(value.get_object().get(object));
  for (auto field : object) {
    std::string_view key;
    STEP(field.unescaped_key(true).get(key));
    od::value inner;
    STEP(field.value().get(inner));
    if (key == "token") {
      STEP(text(inner, out, out.signal.token, string_bytes_max, string_too_long));
      out.signal.present = out.signal.present || !out.signal.token.empty();
      continue;
    }
    if (key == "tcString" || key == "gppString") {
      auto& place = key == "tcString" ? out.signal.tc : out.signal.gpp;
      STEP(text(inner, out, place, signal::tc_bytes_max, string_too_long));
      out.signal.present = out.signal.present || !place.empty();
      continue;
    }
    if (key != "categoryPreferences") {
      STEP(skip(inner, out));
      continue;
    }
    out.signal.present = true;
    od::json_type preferences{};
    STEP(inner.type().get(preferences));
    if (preferences != od::json_type::object) {
      refuse(out, wrong_type);
      STEP(skip(inner, out));
      continue;
    }
    od::object answers;
    STEP(inner.get_object().get(answers));
    for (auto answer : answers) {
      std::string_view category;
      STEP(answer.unescaped_key(true).get(category));
      od::value said;
      STEP(answer.value().get(said));
      ValueView view;
      const auto before = out.refusals;
      STEP(leaf(said, 1, out, view));
      if (view.kind != ValueKind::boolean) refuse(out, wrong_type);
      if (out.signal.categories.size() >= properties_max) refuse(out, too_many);
      if (out.refusals == before) out.signal.categories.emplace_back(category, view.truth());
    }
  }
  return SUCCESS;
}

error_code Parser::Impl::external_ids(od::value& value, Item& out) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type != od::json_type::array) return skip(value, out);
  od::array array;
  STEP(value.get_array().get(array));
  for (auto element : array) {
    od::value inner;
    STEP(element.get(inner));
    od::json_type kind{};
    STEP(inner.type().get(kind));
    if (kind != od::json_type::object) {
      refuse(out, wrong_type);
      STEP(skip(inner, out));
      continue;
    }
    od::object object;
    STEP(inner.get_object().get(object));
    ExternalId id;
    const auto before = out.refusals;
    std::string_view collection = "users";
    for (auto field : object) {
      std::string_view key;
      STEP(field.unescaped_key(true).get(key));
      od::value part;
      STEP(field.value().get(part));
      if (key == "id")
        STEP(text(part, out, id.value, identifier_bytes_max, id_too_long));
      else if (key == "type")
        STEP(text(part, out, id.type, name_bytes_max, name_too_long));
      else if (key == "collection")
        STEP(text(part, out, collection, name_bytes_max, name_too_long));
      else
        STEP(skip(part, out));
    }
    if (out.external_ids.size() >= 16) refuse(out, too_many);
    if (collection == "users" && !id.value.empty() && !id.type.empty() && out.refusals == before)
      out.external_ids.push_back(id);
  }
  return SUCCESS;
}

error_code Parser::Impl::context(od::value& value, Item& out) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type != od::json_type::object) {
    if (type != od::json_type::null) blur(out, wrong_type);
    return skip(value, out);
  }
  std::size_t count = 0;
  od::object object;
  STEP(value.get_object().get(object));
  for (auto field : object) {
    std::string_view key;
    STEP(field.unescaped_key(true).get(key));
    od::value inner;
    STEP(field.value().get(inner));
    const auto before = out.refusals;
    const bool tells = key == "consent" || key == "consentManagement" || key == "externalIds";
    if (key == "consent") {
      STEP(consent(inner, out));
    } else if (key == "consentManagement") {
      STEP(rudder_consent(inner, out));
    } else if (key == "externalIds") {
      STEP(external_ids(inner, out));
    } else if (key.size() + sizeof "context" > name_bytes_max) {
      refuse(out, name_too_long);
      STEP(skip(inner, out));
    } else {
      if (key.find('\0') != std::string_view::npos) refuse(out, nul);
      name_.assign("context.").append(key);
      STEP(flatten(inner, 2, out, count));
    }
    if (tells && out.refusals != before) out.blurred = true;
  }
  return SUCCESS;
}

error_code Parser::Impl::answer_notice(od::value& value, Item& out) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type != od::json_type::object) {
    refuse(out, wrong_type);
    return skip(value, out);
  }
  od::object object;
  STEP(value.get_object().get(object));
  for (auto field : object) {
    std::string_view key;
    STEP(field.unescaped_key(true).get(key));
    od::value inner;
    STEP(field.value().get(inner));
    if (key == "id")
      STEP(text(inner, out, out.answer.notice_id, name_bytes_max, name_too_long));
    else if (key == "version")
      STEP(text(inner, out, out.answer.notice_version, name_bytes_max, name_too_long));
    else if (key == "lang")
      STEP(text(inner, out, out.answer.notice_lang, name_bytes_max, name_too_long));
    else
      STEP(skip(inner, out));
  }
  return SUCCESS;
}

error_code Parser::Impl::item_field(std::string_view key, od::value& value, Item& out) {
  struct Text {
    std::string_view camel, snake;
    std::string_view Item::*into;
    std::size_t bytes_max;
    const Reject* too_long;
  };
  static constexpr Text texts[] = {
      {"userId", "user_id", &Item::user_id, identifier_bytes_max, &id_too_long},
      {"anonymousId", "anonymous_id", &Item::anonymous_id, identifier_bytes_max, &id_too_long},
      {"previousId", "previous_id", &Item::previous_id, identifier_bytes_max, &id_too_long},
      {"messageId", "message_id", &Item::message_id, message_id_bytes_max, &message_id_too_long},
      {"event", "event", &Item::event, name_bytes_max, &name_too_long},
      {"timestamp", "timestamp", &Item::timestamp, name_bytes_max, &string_too_long},
      {"originalTimestamp", "original_timestamp", &Item::original_timestamp, name_bytes_max,
       &string_too_long},
      {"sentAt", "sent_at", &Item::sent_at, name_bytes_max, &string_too_long}};
  for (const auto& t : texts) {
    if (key != t.camel && key != t.snake) continue;
    const auto before = out.refusals;
    STEP(text(value, out, out.*t.into, t.bytes_max, *t.too_long));
    const bool names_somebody = t.into == &Item::user_id || t.into == &Item::anonymous_id ||
                                t.into == &Item::previous_id;
    if (names_somebody && out.refusals != before) out.blurred = true;
    return SUCCESS;
  }
  struct AnswerText {
    std::string_view key;
    std::string_view Answer::*into;
  };
  static constexpr AnswerText answers[] = {
      {"purpose", &Answer::purpose},   {"state", &Answer::state}, {"basis", &Answer::basis},
      {"happened", &Answer::happened}, {"until", &Answer::until}, {"proof", &Answer::proof},
      {"email", &Answer::email},       {"phone", &Answer::phone}, {"card", &Answer::card}};
  for (const auto& a : answers) {
    if (key == a.key)
      return text(value, out, out.answer.*a.into, string_bytes_max, string_too_long);
  }
  std::size_t count = 0;
  if (key == "properties") return object_under("", value, out, count);
  if (key == "traits") return object_under("traits.", value, out, count);
  if (key == "context") return context(value, out);
  if (key == "notice") return answer_notice(value, out);
  if (key == "name" || key == "category" || key == "groupId" || key == "group_id") {
    Field made{.name = key == "group_id" ? std::string_view("groupId") : arena_.keep(key)};
    const auto before = out.refusals;
    STEP(leaf(value, 1, out, made.value));
    if (made.value.kind != ValueKind::null && out.refusals == before) out.fields.push_back(made);
    return SUCCESS;
  }
  return skip(value, out);
}

error_code Parser::Impl::item_fields(od::object object, Item& out) {
  for (auto field : object) {
    std::string_view key;
    STEP(field.unescaped_key(true).get(key));
    od::value value;
    STEP(field.value().get(value));
    if (key != "type") {
      STEP(item_field(key, value, out));
      continue;
    }
    std::string_view type;
    STEP(text(value, out, type, name_bytes_max, unknown_type));
    if (typed_) continue;  // the path has said it
    out.consent = type == "consent";
    const auto known = event_type(type);
    if (known) out.type = *known;
    if (!known && !out.consent) refuse(out, unknown_type);
    if (known || out.consent) out.bytes = 1;  // a type was seen; the size comes at the end
  }
  return SUCCESS;
}

error_code Parser::Impl::item(od::value value, Item& out) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type != od::json_type::object) {
    refuse(out, not_an_object);
    return skip(value, out);
  }
  od::object object;
  STEP(value.get_object().get(object));
  std::string_view raw;
  STEP(object.raw_json().get(raw));
  STEP(object.reset().error());
  STEP(item_fields(object, out));
  if (!typed_ && out.bytes == 0) refuse(out, unknown_type);
  out.raw = trimmed(raw);
  out.bytes = out.raw.size();
  if (out.bytes > event_bytes_max) refuse(out, too_large);
  return SUCCESS;
}

/// Traits take their bare names where the call is about them; what the envelope says fills what the
/// item left open.
void Parser::Impl::finish(Item& item, const Item& outer) const {
  if (item.type == EventType::track && !item.consent && item.event.empty())
    refuse(item, no_event_name);
  for (const Field& field : outer.fields) {
    if (std::ranges::none_of(item.fields, [&](const Field& f) { return f.name == field.name; }))
      item.fields.push_back(field);
  }
  if (!item.signal.present) item.signal = outer.signal;
  if (item.sent_at.empty()) item.sent_at = outer.sent_at;
  if (item.external_ids.empty()) item.external_ids = outer.external_ids;
  if (item.reject == nullptr) item.reject = outer.reject;
  item.blurred = item.blurred || outer.blurred;
  const bool about_traits = item.type == EventType::identify || item.type == EventType::group;
  for (Field& field : item.fields) {
    constexpr std::string_view own = "traits.", in_context = "context.traits.";
    if (about_traits && field.name.starts_with(own)) field.name.remove_prefix(own.size());
    if (item.type == EventType::identify && field.name.starts_with(in_context))
      field.name.remove_prefix(in_context.size());
  }
}

error_code Parser::Impl::envelope(od::document& doc, Parsed& out, bool& has_batch) {
  od::object object;
  STEP(doc.get_object().get(object));
  for (auto field : object) {
    std::string_view key;
    STEP(field.unescaped_key(true).get(key));
    od::value value;
    STEP(field.value().get(value));
    std::string_view raw;
    od::json_type type{};
    STEP(value.type().get(type));
    if (key == "batch") {
      has_batch = type == od::json_type::array;
      STEP(value.raw_json().get(raw));
    } else if (key == "context" && type == od::json_type::object) {
      STEP(value.raw_json().get(raw));
      outer_context_.assign(raw);
    } else if ((key == "writeKey" || key == "sentAt") && type == od::json_type::string) {
      std::string_view said;
      STEP(value.get_string(true).get(said));
      (key == "writeKey" ? out.write_key : outer_.sent_at) = arena_.keep(said);
    } else {
      STEP(skip(value, outer_));
    }
  }
  return doc.at_end() ? SUCCESS : simdjson::TRAILING_CONTENT;
}

error_code Parser::Impl::batch(od::document& doc, Parsed& out) {
  if (!outer_context_.empty()) {
    outer_context_.reserve(outer_context_.size() + simdjson::SIMDJSON_PADDING);
    od::document inner;
    STEP(context_parser_
             .iterate(simdjson::padded_string_view(
                 outer_context_.data(), outer_context_.size(), outer_context_.capacity()
             ))
             .get(inner));
    od::value value;
    STEP(inner.get_value().get(value));
    STEP(context(value, outer_));
  }
  doc.rewind();
  od::array items;
  STEP(doc.find_field_unordered("batch").get_array().get(items));
  for (auto element : items) {
    od::value value;
    STEP(element.get(value));
    if (out.items.size() == events_max) return simdjson::CAPACITY;
    STEP(item(value, out.items.emplace_back()));
  }
  return SUCCESS;
}

Result<Parsed> Parser::Impl::parse(std::string_view body, Shape shape) {
  const auto broken = [](error_code code) {
    if (code == simdjson::UTF8_ERROR)
      return fail(Code::invalid_input, "the body is not valid UTF-8; encode it as UTF-8");
    if (code == simdjson::CAPACITY)
      return fail(Code::over_limit, "more than 2,500 events in one request; send several requests");
    return fail(
        Code::invalid_input, std::string("the body is not valid JSON: ") +
                                 simdjson::error_message(code) + "; send one JSON object"
    );
  };
  arena_.clear();
  outer_ = Item{};
  outer_context_.clear();
  typed_ = shape.kind != Shape::Kind::batch;
  Parsed out;
  od::document doc;
  const simdjson::padded_string_view padded(
      body.data(), body.size(), body.size() + simdjson::SIMDJSON_PADDING
  );
  if (const auto code = parser_.iterate(padded).get(doc)) return broken(code);
  od::json_type type{};
  if (const auto code = doc.type().get(type)) return broken(code);
  if (type != od::json_type::object)
    return fail(Code::invalid_input, "the body must be a JSON object");
  bool has_batch = false;
  if (const auto code = envelope(doc, out, has_batch)) return broken(code);
  if (!typed_) {
    if (!has_batch) return fail(Code::invalid_input, "the body needs an array \"batch\"");
    if (const auto code = batch(doc, out)) return broken(code);
  } else {
    doc.rewind();
    od::value whole;
    Item& only = out.items.emplace_back();
    only.consent = shape.kind == Shape::Kind::consent;
    only.type = shape.type;
    if (const auto code = doc.get_value().get(whole)) return broken(code);
    if (const auto code = item(whole, only)) return broken(code);
  }
  static const Item nothing;
  for (Item& made : out.items) finish(made, typed_ ? nothing : outer_);
  if (!typed_) out.context = outer_context_;
  return out;
}

Parser::Parser() : impl_(std::make_unique<Impl>()) {}
Parser::~Parser() = default;
Result<Parsed> Parser::parse(std::string_view body, Shape shape) {
  return impl_->parse(body, shape);
}

}  // namespace hospes::collect
