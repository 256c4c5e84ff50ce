#include "touchpoint/question.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "base/json_text.h"
#include "base/nearest.h"
#include "catalog/kinds.h"
#include "collect/parse.h"
#include "consent/stamp.h"
#include "seal/random.h"

namespace hospes::touchpoint {
namespace {

namespace od = simdjson::ondemand;

constexpr std::size_t text_bytes_max = 8'000;  // a token of fifty offers

std::unexpected<Error> wrong(std::string message) {
  return fail(Code::invalid_input, std::move(message));
}

std::unexpected<Error> no_object(std::string_view what) {
  return wrong(std::string(what) + " must be a JSON object");
}

/// Calls `field(key, value)` for each of one object. A key that stands twice is refused.
template <class Field>
Status each_of_object(od::object object, std::string_view what, const Field& field) {
  std::vector<std::string> keys;
  for (auto one : object) {
    std::string_view name;
    od::value value;
    if (one.unescaped_key().get(name) != simdjson::SUCCESS) return no_object(what);
    std::string key(name);
    if (one.value().get(value) != simdjson::SUCCESS) return no_object(what);
    if (std::ranges::find(keys, key) != keys.end())
      return wrong("the key " + json_text(key.substr(0, 64)) + " stands twice in " + std::string(what));
    if (keys.size() >= 256) return wrong(std::string(what) + " has too many keys");
    TRY(field(std::string_view(key), value));
    keys.push_back(std::move(key));
  }
  return {};
}

/// The same within another object.
template <class Field>
Status each(od::value& value, std::string_view what, const Field& field) {
  od::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return no_object(what);
  return each_of_object(object, what, field);
}

/// The same for a whole text. Not while another text is read on this thread.
template <class Field>
Status each(std::string_view json, std::string_view what, const Field& field) {
  thread_local od::parser parser;
  const simdjson::padded_string padded(json);
  od::document document;
  od::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS)
    return no_object(what);
  TRY(each_of_object(object, what, field));
  return document.at_end() ? Status() : Status(no_object(what));
}

/// What is no JSON at all is not null either: whoever reads it next says so.
bool is_null(od::value& value) {
  bool null = false;
  return value.is_null().get(null) == simdjson::SUCCESS && null;
}

Result<std::string> text_of(std::string_view key, od::value& value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS || text.size() > text_bytes_max)
    return wrong(std::string(key) + " must be a text of at most 8,000 bytes");
  return std::string(text);
}

Result<std::string> raw_of(std::string_view key, od::value& value) {
  std::string_view raw;
  if (value.raw_json().get(raw) != simdjson::SUCCESS)
    return wrong(std::string(key) + " is not JSON");
  return std::string(raw);
}

Result<std::int64_t> number_of(
    std::string_view key, od::value& value, std::int64_t least, std::int64_t most
) {
  std::int64_t out = 0;
  if (value.get_int64().get(out) != simdjson::SUCCESS || out < least || out > most)
    return wrong(
        std::string(key) + " must be a whole number from " + std::to_string(least) + " to " +
        std::to_string(most)
    );
  return out;
}

std::unexpected<Error> unknown(
    std::string_view key, std::string_view of, std::initializer_list<std::string_view> known
) {
  std::string all;
  for (const std::string_view k : known) all.append(all.empty() ? "" : ", ").append(k);
  return wrong(
      "unknown key " + json_text(key.substr(0, 64)) + " in " + std::string(of) +
      nearest_hint(key, known) + " (known: " + all + ")"
  );
}

/// Each element of an array that `one` takes.
template <class One>
Status each_of(std::string_view key, od::value& value, std::size_t most, const One& one) {
  od::array list;
  const std::string must =
      std::string(key) + " must be a list of 1 to " + std::to_string(most);
  if (value.get_array().get(list) != simdjson::SUCCESS) return wrong(must);
  std::size_t count = 0;
  for (auto element : list) {
    od::value item;
    if (element.get(item) != simdjson::SUCCESS || ++count > most) return wrong(must);
    TRY(one(item));
  }
  return count == 0 ? Status(wrong(must)) : Status();
}

/// `userId`, `anonymousId`, or any kind by its own name. A page speaks of its anonymous id alone:
/// whoever knows an address could ask for its owner otherwise.
Status add_identifier(
    std::string_view key, std::string_view value, const Caller& caller, Question& out
) {
  const std::string_view name = key == "userId" ? "user_id" : key == "anonymousId" ? "anonymous_id" : key;
  const KindId kind = TRY(catalog::kind_named(name));
  if (caller.is_page() && kind != catalog::kind::anonymous_id) return {};
  auto normal = catalog::normalise(kind, value);
  if (!normal) return wrong(std::string(key) + " in subject: " + normal.error().message);
  out.subject.push_back({kind, std::move(*normal)});
  return {};
}

Status read_subject(od::value& subject, const Caller& caller, Question& out) {
  const auto field = [&](std::string_view key, od::value& value) -> Status {
    if (is_null(value)) return {};
    return add_identifier(key, TRY(text_of(key, value)), caller, out);
  };
  TRY(each(subject, "subject", field));
  std::ranges::stable_sort(out.subject, {}, [](const Identifier& id) {
    return catalog::priority_of(id.kind);
  });
  return {};
}

/// The consent in a context, read as an event's: what it opens and closes for this question. Empty: it
/// says nothing.
Status read_consent(
    std::string_view context, const Caller& caller, const catalog::Purposes& purposes, Question& out
) {
  if (context.empty()) {
    out.no = consent::read_signal(*caller.source, purposes, {}, caller.gpc, false).no;
    return {};
  }
  thread_local collect::Parser parser;
  std::string event = R"({"type":"track","event":"d","anonymousId":"d","context":)";
  event.append(context).append("}");
  event.reserve(event.size() + http::body_padding);
  const auto parsed = parser.parse(event, {collect::Shape::Kind::event, EventType::track});
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->items.empty()) return wrong("context is not read");
  const collect::Item& item = parsed->items.front();
  if (item.reject != nullptr) return wrong("context: " + std::string(item.reject->reason));
  std::vector<consent::Preference> said;
  for (const auto& [category, allowed] : item.signal.categories) said.push_back({category, allowed});
  // Strings and tokens are read at the door of events; here they only close.
  const bool unread =
      !item.signal.token.empty() || !item.signal.tc.empty() || !item.signal.gpp.empty();
  const auto signal = consent::read_signal(*caller.source, purposes, said, caller.gpc, unread);
  const Mask openable = !caller.is_page()        ? purposes.consent() | purposes.interest()
                        : caller.source->trusted ? purposes.on_device()
                                                 : Mask{0};
  out.yes = signal.yes & openable;
  out.no = signal.no;
  return {};
}

Status read_context(
    std::string_view json, const Caller& caller, const catalog::Purposes& purposes, Question& out
) {
  bool consent = false;
  const auto field = [&](std::string_view key, od::value& value) -> Status {
    if (key == "locale" && !is_null(value)) out.locale = TRY(text_of(key, value));
    consent = consent || key.starts_with("consent");
    return {};
  };
  TRY(each(json, "context", field));
  return read_consent(consent ? json : std::string_view(), caller, purposes, out);
}

Status read_slot(od::value& asked, Question& out) {
  Slot slot;
  const auto field = [&](std::string_view key, od::value& value) -> Status {
    if (key == "key") {
      slot.key = TRY(text_of(key, value));
    } else if (key == "n") {
      slot.n = static_cast<std::uint32_t>(TRY(number_of(key, value, 1, catalog::Decisions::items_max)));
    } else {
      return unknown(key, "a placement", {"key", "n"});
    }
    return {};
  };
  TRY(each(asked, "a placement", field));
  if (slot.key.empty()) return wrong("each placement needs its key, such as {\"key\": \"home_hero\"}");
  if (std::ranges::find(out.placements, slot.key, &Slot::key) != out.placements.end())
    return wrong("the placement " + json_text(slot.key) + " is asked for twice");
  out.placements.push_back(std::move(slot));
  return {};
}

/// One item of a batch. Without a messageId it gets one, so that it can be waited for.
Status read_event(std::string json, Question& out) {
  std::string id;
  const auto field = [&](std::string_view key, od::value& value) -> Status {
    if (key == "messageId") id = TRY(text_of(key, value));
    return {};
  };
  TRY(each(json, "event", field));
  if (id.empty()) {
    std::array<unsigned char, 16> random{};
    seal::random_bytes(random.data(), random.size());
    constexpr std::string_view digits = "0123456789abcdef";
    id = "decide-";
    for (const unsigned char byte : random) (id += digits[byte >> 4]) += digits[byte & 15];
    const auto open = json.find('{');
    const bool bare = json.find_first_not_of(" \t\r\n", open + 1) == json.rfind('}');
    json.insert(open + 1, "\"messageId\":\"" + id + "\"" + (bare ? "" : ","));
  }
  out.message_id = std::move(id);
  out.event = std::move(json);
  return {};
}

Status read_mode(const std::string& mode, Question& out) {
  if (mode != "execute" && mode != "prefetch")
    return wrong("mode is \"execute\" (it is shown now) or \"prefetch\" (it may be shown later)");
  out.execute = mode == "execute";
  return {};
}

}  // namespace

Result<Question> read_question(
    std::string_view body, const Caller& caller, const catalog::Purposes& purposes
) {
  Question out;
  std::string context = "{}";
  const auto field = [&](std::string_view key, od::value& value) -> Status {
    if (key == "subject") return read_subject(value, caller, out);
    if (key == "context") {
      context = TRY(raw_of(key, value));
    } else if (key == "placements") {
      return each_of(key, value, placements_max, [&](od::value& one) -> Status {
        return read_slot(one, out);
      });
    } else if (key == "mode") {
      return read_mode(TRY(text_of(key, value)), out);
    } else if (key == "explain") {
      if (value.get_bool().get(out.explain) != simdjson::SUCCESS)
        return wrong("explain must be true or false");
    } else if (key == "event") {
      out.event = TRY(raw_of(key, value));
    } else if (key == "deadline_ms") {
      constexpr std::int64_t most = deadline_max.count() / 1'000;
      out.deadline = std::chrono::milliseconds(TRY(number_of(key, value, 1, most)));
    } else {
      return unknown(
          key, "the body", {"subject", "context", "placements", "mode", "explain", "event", "deadline_ms"}
      );
    }
    return {};
  };
  TRY(each(body, "the body", field));
  if (out.placements.empty())
    return wrong("placements are needed, such as [{\"key\": \"home_hero\"}]");
  if (!out.event.empty()) TRY(read_event(std::exchange(out.event, {}), out));
  TRY(read_context(context, caller, purposes, out));
  return out;
}

Result<Question> read_evaluation(
    std::string_view body, const Caller& caller, const catalog::Purposes& purposes
) {
  Question out;
  std::string context, target;
  const auto field = [&](std::string_view key, od::value& value) -> Status {
    if (key == "context") context = TRY(raw_of(key, value));
    return {};
  };
  TRY(each(body, "the body", field));
  if (context.empty()) return fail(Code::not_found, "the body has no context with a targetingKey");
  const auto in_context = [&](std::string_view key, od::value& value) -> Status {
    if (key == "targetingKey") target = TRY(text_of(key, value));
    return {};
  };
  TRY(each(context, "context", in_context));
  if (target.empty()) return fail(Code::not_found, "the context has no targetingKey");
  const auto colon = target.find(':');
  const auto* named = caller.is_page() || colon == target.npos
                          ? nullptr
                          : catalog::find_kind(std::string_view(target).substr(0, colon));
  const std::string_view kind = named != nullptr      ? named->name
                                : caller.is_page() ? "anonymousId"
                                                   : "userId";
  TRY(add_identifier(
      kind, named != nullptr ? std::string_view(target).substr(colon + 1) : target, caller, out
  ));
  TRY(read_consent({}, caller, purposes, out));
  return out;
}

Result<std::vector<std::string>> read_tokens(std::string_view body) {
  std::vector<std::string> out;
  const auto field = [&](std::string_view key, od::value& value) -> Status {
    if (key != "tokens") return unknown(key, "the body", {"tokens"});
    return each_of(key, value, tokens_max, [&](od::value& one) -> Status {
      out.push_back(TRY(text_of("a token", one)));
      return {};
    });
  };
  TRY(each(body, "the body", field));
  if (out.empty()) return wrong("tokens are needed: those of the decisions that were seen");
  return out;
}

Result<Word> read_word(std::string_view body) {
  Word out;
  bool said = false;
  const auto field = [&](std::string_view key, od::value& value) -> Status {
    if (key == "token") {
      out.token = TRY(text_of(key, value));
    } else if (key == "item") {
      out.item = TRY(text_of(key, value));
    } else if (key == "outcome") {
      const auto outcome = decide::outcome_of(TRY(text_of(key, value)));
      if (!outcome) return wrong("outcome is \"clicked\", \"taken\" or \"dismissed\"");
      out.outcome = *outcome;
      said = true;
    } else if (key == "value") {
      out.value = parse_decimal(TRY(raw_of(key, value)));
      if (!out.value) return wrong("value must be a number");
    } else {
      return unknown(key, "the body", {"token", "outcome", "item", "value"});
    }
    return {};
  };
  TRY(each(body, "the body", field));
  if (out.token.empty() || !said)
    return wrong("token and outcome are needed: the token of the decision, and what came of it");
  return out;
}

}  // namespace hospes::touchpoint
