// Pieces into a tree. Private to liquid/.
#pragma once

#include "liquid/lexer.h"
#include "liquid/node.h"
#include "liquid/template.h"

namespace hospes::liquid {

/// Expressions from the words of one tag or output.
class Words {
 public:
  static Read<Words> of(const Piece& piece);

  const Word& here() const { return words_[next_]; }
  bool ended() const { return here().kind == Word::Kind::end; }
  /// Takes it when it is the next.
  bool take(std::string_view what);
  Read<void> expect(std::string_view what);
  Read<std::string> name(std::string_view of_what);
  Read<Expression> expression();
  Read<Filtered> filtered();
  Read<Condition> condition();
  Read<void> end() const;

 private:
  Read<Expression> path();
  Read<Expression> range();
  Read<FilterCall> filter();
  Read<Condition> comparison();
  std::unexpected<Fault> wrong(std::string message) const;

  std::vector<Word> words_;
  std::size_t next_ = 0;
  unsigned depth_ = 0;
};

/// Parts that a source names, and where.
using Wanted = std::vector<std::pair<std::string, std::size_t>>;
Read<Nodes> parse(std::string_view source, Wanted& wanted);

/// Nothing but what only changes names, and space: such a block writes nothing.
bool is_blank(const Nodes& nodes);

}  // namespace hospes::liquid
