// What every rule of the text form is made of: one word ahead, and mistakes that point at it.
// For parsers alone.
#pragma once

#include <fmt/format.h>

#include "base/nearest.h"
#include "segment/lexer.h"

namespace hospes::segment {

class WordsParser {
 protected:
  explicit WordsParser(std::string_view source) : lexer_(source) {}

  template <class T = bool>
  using P = Parsed<T>;

  std::unexpected<Mistake> wrong(std::string message) {
    return wrong(token_.place, std::move(message));
  }
  std::unexpected<Mistake> wrong(Place place, std::string message) {
    return std::unexpected(lexer_.mistake(place, std::move(message)));
  }
  /// Words in backquotes are what could stand here: a slip of the hand is named.
  std::unexpected<Mistake> expected(std::string_view what) {
    std::string message = fmt::format(
        "expected {}, found {}", what,
        token_.kind == TokenKind::end ? std::string("the end")
                                      : fmt::format("{}", token_.raw.substr(0, 40))
    );
    if (token_.kind != TokenKind::word) return wrong(std::move(message));
    std::vector<std::string_view> could;
    for (std::size_t at = what.find('`'); at != std::string_view::npos; at = what.find('`', at)) {
      const std::size_t end = what.find('`', at + 1);
      if (end == std::string_view::npos) break;
      could.push_back(what.substr(at + 1, end - at - 1));
      at = end + 1;
    }
    if (const auto near = nearest(token_.raw, could))
      message += fmt::format(": did you mean `{}`?", *near);
    return wrong(std::move(message));
  }

  P<> step() {
    token_ = TRY(lexer_.next());
    return true;
  }
  P<> accept(std::string_view what) {
    if (!token_.is(what)) return false;
    TRY(step());
    return true;
  }
  P<> expect(std::string_view what) {
    if (!token_.is(what)) return expected(fmt::format("`{}`", what));
    return step();
  }
  P<std::string> text(std::string_view what) {
    if (token_.kind != TokenKind::text) return expected(what);
    std::string out = std::move(token_.text);
    TRY(step());
    return out;
  }
  P<std::string> word(std::string_view what) {
    if (token_.kind != TokenKind::word) return expected(what);
    std::string out(token_.raw);
    TRY(step());
    return out;
  }
  P<Duration> duration() {
    const auto d = token_.kind == TokenKind::duration ? parse_duration(token_.raw) : std::nullopt;
    if (!d) return expected("a duration such as 90d, 48h or 30m");
    TRY(step());
    return *d;
  }
  P<> count_node() {
    if (++nodes_ > nodes_max)
      return wrong(fmt::format("more than {} tests in one segment", nodes_max));
    return true;
  }

  Lexer lexer_;
  Token token_;
  unsigned nodes_ = 0;
};

}  // namespace hospes::segment
