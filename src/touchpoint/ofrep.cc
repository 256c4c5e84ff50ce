// OpenFeature Remote Evaluation Protocol 0.3.0 (openfeature.dev), as a server.
#include <algorithm>

#include "base/bytes.h"
#include "base/json_text.h"
#include "touchpoint/job.h"

namespace hospes::touchpoint {
namespace {

using hospes::decide::Reason;

constexpr std::string_view root = "/ofrep/v1/evaluate/flags";

/// OpenFeature's word for ours (specification, types, "resolution reason").
std::string_view reason_of(const Evaluated& e, bool to_page) {
  if (e.answer.reason == Reason::disabled) return "DISABLED";
  if (e.flag->rules.empty()) return "STATIC";
  if (to_page) return "UNKNOWN";
  switch (e.answer.reason) {
    case Reason::targeting_match:
      return "TARGETING_MATCH";
    case Reason::split:
    case Reason::holdout:
      return "SPLIT";
    default:
      return "DEFAULT";
  }
}

std::string metadata_json(const Evaluated& e, bool to_page) {
  std::string out = "{";
  const auto add = [&](std::string_view key, std::string_view value) {
    out.append(out.size() == 1 ? "\"" : ",\"").append(key).append("\":").append(json_text(value));
  };
  if (!to_page) {
    add("reason", hospes::decide::to_string(e.answer.reason));
    if (e.answer.trial != nullptr) add("experiment", e.answer.trial->name);
    if (e.answer.denied.reason != outbox::Reason::none)
      add("permission", outbox::to_string(e.answer.denied.reason));
  }
  if (!e.token.empty()) add("token", e.token);
  return out + "}";
}

std::string flag_json(const Evaluated& e, bool to_page) {
  std::string out = "{\"key\":";
  out += json_text(e.flag->name);
  out.append(",\"value\":").append(e.answer.value->json);
  out.append(",\"reason\":\"").append(reason_of(e, to_page)).append("\",\"variant\":");
  out += json_text(e.answer.value->name);
  return out.append(",\"metadata\":").append(metadata_json(e, to_page)).append("}");
}

/// Of the values and reasons of this subject: definitions that change neither change nothing here.
std::string etag_of(const std::vector<Evaluated>& flags, bool to_page) {
  std::string text;
  Writer out(text);
  for (const Evaluated& e : flags) {
    out.text(e.flag->name);
    out.text(e.answer.value->name);
    out.text(e.answer.value->json);
    out.text(reason_of(e, to_page));
  }
  return "\"" + to_hex(hash128(text)) + "\"";
}

bool matches(std::string_view if_none_match, std::string_view etag) {
  // With its quotes, so a list of tags, or a weak one, holds it as it is.
  return if_none_match == "*" || if_none_match.find(etag) != if_none_match.npos;
}

}  // namespace

std::optional<std::string> ofrep_flag(std::string_view path) {
  if (path == root) return std::string();
  if (!path.starts_with(root) || path.size() <= root.size() + 1 || path[root.size()] != '/')
    return std::nullopt;
  return std::string(path.substr(root.size() + 1));
}

http::Response ofrep_error(
    int status, std::string_view key, std::string_view code, std::string_view details
) {
  std::string out = "{";
  if (!key.empty()) out.append("\"key\":").append(json_text(key)).append(",");
  out.append("\"errorCode\":").append(json_text(code));
  out.append(",\"errorDetails\":").append(json_text(details));
  return http::json(status, out + "}");
}

http::Response ofrep_late(const Job& job, const catalog::Decisions& decisions) {
  const std::string& name = job.question.flags.front();
  const auto flag = std::ranges::find_if(decisions.flags, [&](const catalog::Flag& f) {
    return f.name == name && (f.is_public || !job.caller.is_page());
  });
  const auto* value = flag == decisions.flags.end() ? nullptr : flag->value(flag->default_value);
  if (value == nullptr) return ofrep_error(503, name, "GENERAL", "no answer in time");
  std::string out = "{\"key\":" + json_text(name);
  out.append(",\"value\":").append(value->json).append(",\"reason\":\"DEFAULT\",\"variant\":");
  out += json_text(value->name);
  return http::json(200, out + R"(,"metadata":{"reason":"FALLBACK","late":true}})");
}

http::Response ofrep_answer(const Job& job, const std::vector<Evaluated>& flags) {
  const bool to_page = job.caller.is_page();
  if (!job.bulk) return http::json(200, flag_json(flags.front(), to_page));
  const std::string etag = etag_of(flags, to_page);
  if (matches(job.if_none_match, etag)) {
    http::Response same{304, {}, ""};
    same.headers.add("ETag", etag);
    return same;
  }
  std::string list;
  for (const Evaluated& e : flags) list.append(list.empty() ? "" : ",").append(flag_json(e, to_page));
  http::Response out = http::json(200, "{\"flags\":[" + list + "],\"metadata\":{}}");
  out.headers.add("ETag", etag);
  return out;
}

}  // namespace hospes::touchpoint
