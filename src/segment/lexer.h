// Words of the segment language; those of journeys are the same. For parsers alone.
#pragma once

#include <string>
#include <string_view>

#include "segment/text.h"

namespace hospes::segment {

enum class TokenKind : std::uint8_t { end, word, text, number, duration, sign };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view raw;
  std::string text;  // of `text`: without quotes and escapes
  Place place;

  bool is(std::string_view what) const {
    return (kind == TokenKind::word || kind == TokenKind::sign) && raw == what;
  }
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}
  /// Reads the next token. `end` for ever at the end.
  Parsed<Token> next();
  /// The whole source line of a place, for mistakes.
  std::string line_of(const Place& place) const;
  Mistake mistake(Place place, std::string message) const;

 private:
  void skip_space();
  void advance(std::size_t bytes) { at_ += bytes; }
  Parsed<Token> text(Token token);
  Token number(Token token);
  Token finish(Token token, TokenKind kind, std::size_t size);

  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
};

bool is_word_start(char c);
bool is_word_part(char c);
/// `11-15` or `18:00`, as `from` of a season or clock.
std::optional<Calendar> parse_calendar_end(std::string_view text);
/// May stand without quotes: identifiers joined by dots, no word of the language.
bool is_plain_name(std::string_view text);

}  // namespace hospes::segment
