#include "mail/report.h"

#include <algorithm>
#include <array>
#include <vector>

namespace hospes::mail {
namespace {

constexpr unsigned parts_max = 16, nesting_max = 4;
constexpr std::size_t fields_max = 512;

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), small);
  return out;
}
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
std::string_view stripped(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// A line without its end; `rest` goes on behind it.
std::string_view line_of(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Header fields up to the first empty line; `rest` is then the body.
class Fields {
 public:
  explicit Fields(std::string_view& rest) {
    while (!rest.empty() && fields_.size() < fields_max) {
      const std::string_view line = line_of(rest);
      if (line.empty()) break;
      if (is_space(line.front()) && !fields_.empty()) {
        fields_.back().second += " " + std::string(stripped(line));
        continue;
      }
      const std::size_t colon = line.find(':');
      if (colon == line.npos) continue;
      fields_.emplace_back(
          lowered(stripped(line.substr(0, colon))), stripped(line.substr(colon + 1))
      );
    }
  }
  /// Empty: there is none.
  std::string_view find(std::string_view name) const {
    for (const auto& [known, value] : fields_)
      if (known == name) return value;
    return {};
  }
  bool empty() const { return fields_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// `name="value"` of a Content-Type.
std::string parameter(std::string_view header, std::string_view name) {
  const std::string low = lowered(header);
  for (std::size_t at = low.find(name); at != low.npos; at = low.find(name, at + 1)) {
    const bool begins = at > 0 && (low[at - 1] == ';' || is_space(low[at - 1]));
    std::size_t from = at + name.size();
    if (!begins || from >= low.size() || low[from] != '=') continue;
    std::string_view value = header.substr(from + 1);
    if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
    return std::string(value.substr(0, value.find_first_of("; \t")));
  }
  return {};
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// `…EFFECT.ADDRESS@…` as Message-ID and return path have it.
bool find_name(std::string_view text, Report& out) {
  constexpr std::size_t name_bytes = 24, effect_least = 16, effect_most = 32;
  const std::string low = lowered(text);
  for (std::size_t at = low.find('@'); at != low.npos; at = low.find('@', at + 1)) {
    if (at < name_bytes + 1 || low[at - name_bytes - 1] != '.') continue;
    const std::string_view name = std::string_view(low).substr(at - name_bytes, name_bytes);
    const std::string_view before = std::string_view(low).substr(0, at - name_bytes - 1);
    std::size_t size = 0;
    while (size < before.size() && size < effect_most && is_hex(before[before.size() - 1 - size]))
      ++size;
    if (size < effect_least || !std::ranges::all_of(name, is_hex)) continue;
    out.effect = before.substr(before.size() - size);
    out.address_name = name;
    return true;
  }
  return false;
}

/// `rfc822; zoe@example.org`, or a bare address.
std::string address_in(std::string_view text) {
  text = stripped(text.substr(text.find(';') == text.npos ? 0 : text.find(';') + 1));
  if (const std::size_t open = text.rfind('<'); open != text.npos)
    text = text.substr(open + 1, text.find('>', open) - open - 1);
  return text.size() <= 320 && text.contains('@') ? lowered(text) : std::string();
}

class Reader {
 public:
  std::optional<Report> run(std::string_view message) {
    std::string_view rest = message;
    const Fields top(rest);
    for (const std::string_view name : {"to", "delivered-to", "x-original-to", "envelope-to"})
      if (find_name(top.find(name), out_)) break;
    part(top.find("content-type"), rest, 0);
    if (!found_) return std::nullopt;
    if (out_.address_name.empty()) find_name(message_id_, out_);
    out_.permanent = out_.kind == Report::Kind::bounce && out_.status.starts_with('5') && failed_;
    return out_;
  }

 private:
  void part(std::string_view type, std::string_view body, unsigned depth) {
    const std::string kind = lowered(type.substr(0, type.find_first_of("; \t")));
    if (kind.starts_with("multipart/")) return many(type, body, depth);
    if (kind == "message/delivery-status" || kind == "message/global-delivery-status")
      return delivery(body);
    if (kind == "message/feedback-report") return feedback(body);
    if (kind == "message/rfc822" || kind == "text/rfc822-headers" || kind == "message/global" ||
        kind == "message/rfc822-headers") {
      const Fields about(body);
      message_id_ = about.find("message-id");
      if (out_.address.empty()) out_.address = address_in(about.find("to"));
    }
  }

  void many(std::string_view type, std::string_view body, unsigned depth) {
    const std::string boundary = "--" + parameter(type, "boundary");
    if (depth >= nesting_max || boundary.size() == 2) return;
    std::size_t at = find_boundary(body, boundary, 0);
    for (unsigned i = 0; i < parts_max && at != body.npos; ++i) {
      std::string_view rest = body.substr(at + boundary.size());
      if (rest.starts_with("--")) return;
      const std::size_t next = find_boundary(body, boundary, at + boundary.size());
      rest = body.substr(at, next == body.npos ? body.npos : next - at);
      line_of(rest);
      const Fields head(rest);
      part(head.find("content-type"), rest, depth + 1);
      at = next;
    }
  }

  static std::size_t find_boundary(
      std::string_view body, std::string_view boundary, std::size_t from
  ) {
    for (std::size_t at = body.find(boundary, from); at != body.npos;
         at = body.find(boundary, at + 1))
      if (at == 0 || body[at - 1] == '\n') return at;
    return body.npos;
  }

  void delivery(std::string_view body) {
    found_ = true;
    const Fields message(body);  // of the message; then one of each recipient
    for (unsigned i = 0; i < parts_max && !body.empty(); ++i) {
      const Fields recipient(body);
      if (recipient.empty()) continue;
      const std::string_view action = recipient.find("action");
      failed_ = failed_ || lowered(action) == "failed";
      std::string_view status = recipient.find("status");
      status = status.substr(0, status.find_first_not_of("0123456789."));
      if (status.size() >= 5 && status.size() <= 9) out_.status = status;
      for (const std::string_view name : {"original-recipient", "final-recipient"})
        if (out_.address.empty()) out_.address = address_in(recipient.find(name));
    }
  }

  void feedback(std::string_view body) {
    const Fields said(body);
    if (lowered(said.find("feedback-type")) == "not-spam") return;
    found_ = true;
    out_.kind = Report::Kind::complaint;
    out_.address = address_in(said.find("original-rcpt-to"));
    if (out_.address_name.empty()) find_name(said.find("original-mail-from"), out_);
  }

  Report out_;
  bool found_ = false, failed_ = false;
  std::string message_id_;
};

}  // namespace

std::optional<Report> parse_report(std::string_view message) {
  if (message.size() > report_bytes_max) return std::nullopt;
  return Reader().run(message);
}

bool ends_address(std::string_view status) {
  constexpr std::array<std::string_view, 5> ends{"5.1.1", "5.1.2", "5.1.3", "5.1.10", "5.2.1"};
  return std::ranges::find(ends, status) != ends.end();
}

}  // namespace hospes::mail
