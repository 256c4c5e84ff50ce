// What all groups of reads share: the shape of a refusal, common parameters.
#include <cctype>
#include <charconv>
#include <future>

#include "flow/binding.h"
#include "portal/json.h"
#include "portal/reads.h"

namespace hospes::portal {

Object problem_fields(int status, std::string_view code, std::string_view detail) {
  Object out;
  out.text("type", "about:blank")
      .text("title", http::reason_of(status))
      .number("status", static_cast<std::uint64_t>(status))
      .text("detail", detail)
      .text("code", code);
  return out;
}

http::Response problem(int status, Object fields) {
  http::Response out{status, {{"Content-Type", "application/problem+json"}}, fields.done() + "\n"};
  if (status == 503 || status == 429) out.headers.add("Retry-After", "1");
  return out;
}

http::Response problem(int status, std::string_view code, std::string_view detail) {
  return problem(status, problem_fields(status, code, detail));
}

http::Response problem(const Error& error) {
  return problem(http::from_error(error).status, to_string(error.code), error.message);
}

http::Response mistake(const segment::Mistake& m) {
  Object error = problem_fields(422, "invalid_input", m.message);
  if (m.place.line > 0)
    error.number("line", m.place.line)
        .number("column", m.place.column)
        .number("width", m.place.width);
  if (!m.line.empty()) error.text("source", m.line);
  return problem(422, std::move(error));
}

Result<std::size_t> limit_of(const http::Request& request, std::size_t usual, std::size_t max) {
  const auto text = request.query_value("limit");
  if (!text) return usual;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > max)
    return fail(Code::invalid_input, "limit must be a number from 1 to " + std::to_string(max));
  return limit;
}

bool real_only(const http::Request& request) {
  const auto asked = request.query_value("real_only");
  return asked && *asked != "0" && *asked != "false";
}

std::optional<std::string_view> between(
    std::string_view path, std::string_view prefix, std::string_view suffix
) {
  if (path.size() <= prefix.size() + suffix.size() || !path.starts_with(prefix) ||
      !path.ends_with(suffix))
    return std::nullopt;
  return path.substr(prefix.size(), path.size() - prefix.size() - suffix.size());
}

std::string path_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte) != 0) || std::string_view("-_.:@").contains(c)) {
      out += c;
    } else {
      constexpr std::string_view digits = "0123456789ABCDEF";
      out.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
  }
  return out;
}

bool names_people(const ConsoleDoors& doors, const http::Request& request) {
  const Access::Session session = doors.access.session(request);
  return session.token || staff::may(session.role, staff::Right::person);
}

Result<std::string> reason_of(const http::Request& request) {
  constexpr std::size_t letters_min = 4, bytes_max = 300;
  std::string out = http::percent_decode(request.headers.find("X-Hospes-Reason"), false);
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (out.find_first_not_of(' ') != out.npos && out.size() >= letters_min && out.size() <= bytes_max) return out;
  return fail(
      Code::invalid_input,
      "say why you look, in 4 to 300 bytes: the header X-Hospes-Reason, percent-encoded. The person reads it"
  );
}

http::Response no_segment() {
  return problem(404, "not_found", "no segment of that id; /v1/segments lists them");
}

segment::Binding binding_of(const ConsoleDoors& doors) {
  return flow::binding_of(doors.names, doors.catalog);
}

Instant now_of(const ConsoleDoors& doors, const flow::PartitionState& state) {
  return std::max(state.clock, doors.clock.now());
}

std::shared_ptr<const segment::Engine> engine_of(node::Node& node) {
  std::promise<std::shared_ptr<const segment::Engine>> engine;
  node.ask(0, [&](const flow::PartitionState& s) { engine.set_value(s.engine); });
  return engine.get_future().get();
}

}  // namespace hospes::portal
