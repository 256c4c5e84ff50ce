#include "segment/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "segment/json_write.h"

namespace hospes::segment {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::array<std::string_view, 79> language{
    "segment",     "purpose",     "name",         "sentence",   "en",       "fr",       "where",
    "and",         "or",          "not",          "in",         "has",      "trait",    "count",
    "sum",         "average",     "min",          "max",        "distinct", "first",    "last",
    "did",         "then",        "within",       "before",     "after",    "ago",      "from",
    "now",         "ever",        "exists",       "contains",   "starts",   "true",     "false",
    "identifier",  "null",        "most",         "silence",    "gap",      "falls",    "near",
    "median_gap",  "average_gap", "longest_gap",  "shortest_gap", "on",     "today",    "happened",
    "top",         "bottom",      "still",        "permission", "given",    "refused",  "withdrawn",
    "objected",    "against",     "unset",        "ends",       "with",     "days",     "weeks",
    "months",      "sessions",    "same",         "without",    "answered", "unanswered", "by",
    "monday",      "tuesday",     "wednesday",    "thursday",   "friday",   "saturday", "sunday",
    "threshold",   "at"};

}  // namespace

std::optional<Calendar> parse_calendar_end(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || (text[2] != '-' && text[2] != ':') || !digit(0) || !digit(1) ||
      !digit(3) || !digit(4)) {
    return std::nullopt;
  }
  const auto number = [&](std::size_t i) {
    return static_cast<unsigned>((text[i] - '0') * 10 + text[i + 1] - '0');
  };
  const unsigned high = number(0);
  const unsigned low = number(3);
  if (text[2] == ':') {
    if (high > 24 || low > 59 || (high == 24 && low != 0)) return std::nullopt;
    return Calendar{Calendar::clock, high * 60 + low, 0};
  }
  constexpr unsigned days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (high < 1 || high > 12 || low < 1 || low > days[high - 1]) return std::nullopt;
  return Calendar{Calendar::season, high * 100 + low, 0};
}

bool is_word_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word_part(char c) { return is_word_start(c) || is_digit(c); }

bool is_plain_name(std::string_view text) {
  if (text.empty() || std::ranges::find(language, text) != language.end()) return false;
  bool start = true;
  for (const char c : text) {
    if (start ? !is_word_start(c) : !(is_word_part(c) || c == '.')) return false;
    start = c == '.';
  }
  return !start;
}

void Lexer::skip_space() {
  for (; at_ < source_.size(); ++at_) {
    const char c = source_[at_];
    if (c == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    } else if (c == '#') {
      while (at_ + 1 < source_.size() && source_[at_ + 1] != '\n') ++at_;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return;
    }
  }
}

std::string Lexer::line_of(const Place& place) const {
  std::size_t start = 0;
  for (std::uint32_t line = 1; line < place.line; ++line) {
    const std::size_t end = source_.find('\n', start);
    if (end == std::string_view::npos) break;
    start = end + 1;
  }
  const std::string_view line = source_.substr(start, source_.find('\n', start) - start);
  return std::string(line.substr(0, 400));
}

Mistake Lexer::mistake(Place place, std::string message) const {
  return {.place = place, .message = std::move(message), .line = line_of(place)};
}

Token Lexer::finish(Token token, TokenKind kind, std::size_t size) {
  token.kind = kind;
  token.raw = source_.substr(at_, size);
  token.place.width = static_cast<std::uint32_t>(size);
  advance(size);
  return token;
}

Parsed<Token> Lexer::next() {
  skip_space();
  Token token;
  token.place = {
      .line = line_, .column = static_cast<std::uint32_t>(at_ - line_start_ + 1), .width = 1};
  if (at_ >= source_.size()) return token;
  const char c = source_[at_];
  const std::string_view rest = source_.substr(at_);
  if (c == '"') return text(std::move(token));
  if (is_digit(c) || (c == '-' && rest.size() > 1 && is_digit(rest[1])))
    return number(std::move(token));
  if (is_word_start(c)) {
    // A dotted word is one name ("page.path"); a dot that no letter follows is left alone
    // ("ever..90d").
    std::size_t size = 1;
    while (size < rest.size() &&
           (is_word_part(rest[size]) ||
            (rest[size] == '.' && size + 1 < rest.size() && is_word_start(rest[size + 1])))) {
      ++size;
    }
    return finish(std::move(token), TokenKind::word, size);
  }
  for (const std::string_view sign : {"..", "!=", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "*", "%"}) {
    if (rest.starts_with(sign)) return finish(std::move(token), TokenKind::sign, sign.size());
  }
  for (const auto& [wrong, right] : {std::pair{"&&", "and"}, {"||", "or"}, {"!", "not"}}) {
    if (rest.starts_with(wrong))
      return std::unexpected(mistake(token.place, fmt::format("`{}` is written `{}`", wrong, right)));
  }
  return std::unexpected(mistake(
      token.place, fmt::format(
                       "'{}' means nothing here; texts stand in double quotes",
                       c > ' ' && c < 0x7f ? std::string(1, c)
                                           : fmt::format("\\x{:02x}", static_cast<unsigned char>(c))
                   )
  ));
}

Token Lexer::number(Token token) {
  const std::string_view rest = source_.substr(at_);
  std::size_t size = 1;
  while (size < rest.size() && is_digit(rest[size])) ++size;
  const auto digit_at = [&](std::size_t i) { return i < rest.size() && is_digit(rest[i]); };
  if (size < rest.size() && rest[size] == '.' && digit_at(size + 1)) {
    ++size;
    while (digit_at(size)) ++size;
  }
  if (size < rest.size() && (rest[size] == 'e' || rest[size] == 'E')) {
    const std::size_t sign =
        size + 1 < rest.size() && (rest[size + 1] == '-' || rest[size + 1] == '+');
    if (digit_at(size + 1 + sign)) {
      size += 2 + sign;
      while (digit_at(size)) ++size;
      return finish(std::move(token), TokenKind::number, size);
    }
  }
  std::size_t unit = size;
  while (unit < rest.size() && is_word_start(rest[unit])) ++unit;
  if (unit > size) return finish(std::move(token), TokenKind::duration, unit);
  return finish(std::move(token), TokenKind::number, size);
}

Parsed<Token> Lexer::text(Token token) {
  const std::string_view rest = source_.substr(at_);
  std::string value;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '"') {
      if (!is_utf8(value)) {
        return std::unexpected(
            mistake(token.place, "this text is not valid UTF-8; save the file as UTF-8")
        );
      }
      token = finish(std::move(token), TokenKind::text, i + 1);
      token.text = std::move(value);
      return token;
    }
    if (c == '\n') break;
    if (c != '\\') {
      value += c;
      continue;
    }
    const char escaped = ++i < rest.size() ? rest[i] : '\0';
    constexpr std::string_view hex = "0123456789abcdef";
    if (escaped == '"' || escaped == '\\') {
      value += escaped;
    } else if (escaped == 'n') {
      value += '\n';
    } else if (escaped == 't') {
      value += '\t';
    } else if (escaped == 'x' && i + 2 < rest.size() && hex.contains(rest[i + 1]) && hex.contains(rest[i + 2])) {
      value += static_cast<char>(hex.find(rest[i + 1]) * 16 + hex.find(rest[i + 2]));
      i += 2;
    } else {
      return std::unexpected(mistake(
          token.place, "a backslash in a text is written \\\\; known are \\\" \\\\ \\n \\t \\x1f"
      ));
    }
  }
  return std::unexpected(mistake(token.place, "this text has no closing double quote on its line"));
}

}  // namespace hospes::segment
