// A source cut into what is written as it stands, `{{ outputs }}` and `{% tags %}`; and the words
// inside one of them. White space beside `-` is dropped here; comments and raw stretches too.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace hospes::liquid {

struct Piece {
  enum class Kind : std::uint8_t { literal, output, tag } kind = Kind::literal;
  std::string_view name;  // of a tag
  std::string_view text;  // literal; or what stands inside, behind the name
  std::size_t at = 0;     // of `text` in the source
};

/// What went wrong, and where.
struct Fault {
  std::string message;
  std::size_t at = 0;
};
template <class T>
using Read = std::expected<T, Fault>;

/// Borrowed from `source`.
Read<std::vector<Piece>> cut(std::string_view source);
/// The lines of a `{% liquid %}` tag, each a tag. `at`: of `text` in its source.
Read<std::vector<Piece>> cut_lines(std::string_view text, std::size_t at);

struct Word {
  enum class Kind : std::uint8_t { name, number, text, sign, end } kind = Kind::end;
  std::string_view text;  // without the quotes
  std::size_t at = 0;

  bool is(std::string_view what) const {
    return (kind == Kind::name || kind == Kind::sign) && text == what;
  }
};

/// Ends with one of kind `end`.
Read<std::vector<Word>> words_of(std::string_view text, std::size_t at);

}  // namespace hospes::liquid
