#include <algorithm>

#include "digest/digest.h"
#include "liquid/filters.h"
#include "liquid/letters.h"

namespace hospes::liquid {
namespace {

using In = const FilterInput&;

/// Each `what` by `by`, at most `most` times. An empty `what` stands before each letter and at the
/// end.
std::string replaced(
    std::string_view in, std::string_view what, std::string_view by, std::size_t most,
    Budget& budget
) {
  std::string out;
  while (most > 0 && budget.made + out.size() < budget.limits.made_bytes_max) {
    if (what.empty()) {
      out += by;
      --most;
      if (in.empty()) return out;
      const std::size_t n = letter_bytes(in);
      out += in.substr(0, n);
      in.remove_prefix(n);
      continue;
    }
    const std::size_t at = in.find(what);
    if (at == in.npos) break;
    out += in.substr(0, at);
    out += by;
    in.remove_prefix(at + what.size());
    --most;
  }
  return out + std::string(in);
}

std::string replaced_last(std::string_view in, std::string_view what, std::string_view by) {
  const std::size_t at = in.rfind(what);
  if (at == in.npos) return std::string(in);
  return std::string(in.substr(0, at)) + std::string(by) + std::string(in.substr(at + what.size()));
}

Value append(In f) { return f.text() + f.text(0); }
Value prepend(In f) { return f.text(0) + f.text(); }
Value upcase(In f) { return upper(f.text()); }
Value downcase(In f) { return lower(f.text()); }
Value capitalize(In f) {
  const std::string text = f.text();
  if (text.empty()) return text;
  const std::size_t n = letter_bytes(text);
  return upper(std::string_view(text).substr(0, n)) + lower(std::string_view(text).substr(n));
}
Value escape(In f) { return Value(html_escaped(f.text()), !f.setting.json); }
Value escape_once(In f) { return Value(html_escaped_once(f.text()), !f.setting.json); }
/// With its quotes, where it is a text.
Value json(In f) {
  std::string out;
  f.in.print_json(out, f.budget.limits.made_bytes_max);
  return Value(std::move(out), f.setting.json);
}
/// As an audience's identifiers are wanted: lower-case hex. Nothing stays nothing.
Value sha256_hex(In f) { return f.in.is_nil() ? Value() : Value(hex(view_of(sha256(f.text())))); }
Value raw(In f) { return Value(f.text(), true); }
Value strip(In f) { return left_stripped(right_stripped(f.text())); }
Value lstrip(In f) { return left_stripped(f.text()); }
Value rstrip(In f) { return right_stripped(f.text()); }
Value strip_html(In f) { return without_tags(f.text()); }
Value strip_newlines(In f) {
  return replaced(
      replaced(f.text(), "\r\n", "", std::string::npos, f.budget), "\n", "", std::string::npos,
      f.budget
  );
}
/// Under escaping its own tags are HTML, and the rest is escaped.
Value newline_to_br(In f) {
  std::string text = f.text();
  if (const Text* t = f.in.text(); f.setting.escape && (t == nullptr || !t->safe))
    text = html_escaped(text);
  text = replaced(text, "\r\n", "\n", std::string::npos, f.budget);
  return Value(replaced(text, "\n", "<br />\n", std::string::npos, f.budget), f.setting.escape);
}
Value replace(In f) {
  return replaced(f.text(), f.text(0), f.text(1), std::string::npos, f.budget);
}
Value replace_first(In f) { return replaced(f.text(), f.text(0), f.text(1), 1, f.budget); }
Value replace_last(In f) { return replaced_last(f.text(), f.text(0), f.text(1)); }
Value remove(In f) {
  return f.text(0).empty() ? Value(f.text())
                           : Value(replaced(f.text(), f.text(0), "", std::string::npos, f.budget));
}
Value remove_first(In f) {
  return f.text(0).empty() ? Value(f.text())
                           : Value(replaced(f.text(), f.text(0), "", 1, f.budget));
}
Value remove_last(In f) { return replaced_last(f.text(), f.text(0), ""); }

Value split(In f) {
  const std::string in = f.text(), by = f.text(0);
  Array out;
  if (by.empty()) {
    for (const std::string_view l : each_letter(in)) out.emplace_back(l);
  } else if (by == " ") {
    for (const std::string_view w : words(in)) out.emplace_back(w);
  } else if (!in.empty() && in != by) {
    std::string_view rest = in;
    for (std::size_t at = rest.find(by); at != rest.npos; at = rest.find(by)) {
      out.emplace_back(rest.substr(0, at));
      rest.remove_prefix(at + by.size());
    }
    out.emplace_back(rest);
  }
  return out;
}

Value slice(In f) {
  const Array* array = f.in.array();
  const std::string text = array == nullptr ? f.text() : std::string();
  const auto size = static_cast<std::int64_t>(array != nullptr ? array->size() : letters(text));
  std::int64_t from = f.whole(0, 0);
  const std::int64_t count = f.whole(1, 1);
  if (from < 0) from += size;
  if (count <= 0 || from >= size || from + count <= 0)
    return array != nullptr ? Value(Array{}) : Value("");
  const std::int64_t to = std::min(count > size - from ? size : from + count, size);
  from = std::max<std::int64_t>(from, 0);
  const auto first = static_cast<std::size_t>(from), length = static_cast<std::size_t>(to - from);
  if (array == nullptr) return letters_of(text, first, length);
  return Array(array->begin() + from, array->begin() + to);
}

Value truncate(In f) {
  const std::string text = f.text();
  const std::string end = f.arguments.size() > 1 ? f.text(1) : "...";
  const std::int64_t most = f.whole(0, 50);
  if (static_cast<std::int64_t>(letters(text)) <= most) return text;
  const std::int64_t kept = most - static_cast<std::int64_t>(letters(end));
  return std::string(letters_of(text, 0, static_cast<std::size_t>(std::max<std::int64_t>(kept, 0)))
         ) +
         end;
}

Value truncatewords(In f) {
  const std::string text = f.text();
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(f.whole(0, 15), 1));
  const auto all = words(text);
  std::string out;
  for (std::size_t i = 0; i < std::min(most, all.size()); ++i)
    out += (i == 0 ? "" : " ") + std::string(all[i]);
  if (all.size() > most) out += f.arguments.size() > 1 ? f.text(1) : "...";
  return out;
}

Value url_encode(In f) { return url_encoded(f.text()); }
Value url_decode(In f) { return url_decoded(f.text()); }
Value base64_encode(In f) { return base64(f.text()); }
Value base64_decode(In f) {
  const auto out = base64_read(f.text());
  return out ? Value(*out) : f.fail("this is no base64");
}
std::string exchanged(std::string text, char a, char b, char c, char d) {
  std::ranges::replace(text, a, b);
  std::ranges::replace(text, c, d);
  return text;
}
Value base64_url_safe_encode(In f) { return exchanged(base64(f.text()), '+', '-', '/', '_'); }
Value base64_url_safe_decode(In f) {
  const auto out = base64_read(exchanged(f.text(), '-', '+', '_', '/'));
  return out ? Value(*out) : f.fail("this is no base64");
}
Value date(In f) {
  if (f.in.is_nil()) return "";
  if (!f.has(0) || f.text(0).empty()) return f.text();
  Setting setting = f.setting;
  if (f.has(1)) {
    setting.zone = zones::find(f.text(1));
    if (setting.zone == nullptr)
      return f.fail("there is no time zone \"" + f.text(1) + "\"; write it as \"Europe/Paris\"");
  }
  const auto out = dated(f.in, f.text(0), setting);
  return out ? Value(*out) : Value(f.text());
}

constexpr std::array<Filter, 36> list{
    {{"append", 1, 1, append},
     {"base64_decode", 0, 0, base64_decode},
     {"base64_encode", 0, 0, base64_encode},
     {"base64_url_safe_decode", 0, 0, base64_url_safe_decode},
     {"base64_url_safe_encode", 0, 0, base64_url_safe_encode},
     {"capitalize", 0, 0, capitalize},
     {"date", 0, 2, date},
     {"downcase", 0, 0, downcase},
     {"escape", 0, 0, escape},
     {"h", 0, 0, escape},
     {"escape_once", 0, 0, escape_once},
     {"json", 0, 0, json},
     {"lstrip", 0, 0, lstrip},
     {"newline_to_br", 0, 0, newline_to_br},
     {"prepend", 1, 1, prepend},
     {"raw", 0, 0, raw},
     {"safe", 0, 0, raw},
     {"remove", 1, 1, remove},
     {"remove_first", 1, 1, remove_first},
     {"remove_last", 1, 1, remove_last},
     {"replace", 1, 2, replace},
     {"replace_first", 1, 2, replace_first},
     {"replace_last", 2, 2, replace_last},
     {"rstrip", 0, 0, rstrip},
     {"sha256", 0, 0, sha256_hex},
     {"slice", 1, 2, slice},
     {"split", 1, 1, split},
     {"strip", 0, 0, strip},
     {"strip_html", 0, 0, strip_html},
     {"strip_newlines", 0, 0, strip_newlines},
     {"truncate", 0, 2, truncate},
     {"truncatewords", 0, 2, truncatewords},
     {"upcase", 0, 0, upcase},
     {"url_decode", 0, 0, url_decode},
     {"url_encode", 0, 0, url_encode},
     {"money", 0, 1, [](In f) -> Value {
        const Value number = to_number(f.in);
        if (f.in.is_nil()) return "";
        const auto amount = number.as_decimal();
        if (!amount) return f.fail("\"" + f.in.printed(100) + "\" is no amount");
        return money(*amount, f.has(0) ? f.text(0) : "EUR", f.setting.language);
      }}}};

}  // namespace

std::span<const Filter> text_filters() { return list; }

}  // namespace hospes::liquid
