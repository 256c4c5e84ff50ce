#include <array>

#include "base/nearest.h"
#include "liquid/filters.h"
#include "liquid/parse.h"

namespace hospes::liquid {
namespace {

constexpr unsigned depth_max = 64;

std::string quoted(const Word& word) {
  return word.kind == Word::Kind::end ? "the end" : "\"" + std::string(word.text) + "\"";
}

std::optional<Condition::Kind> comparison_of(const Word& word) {
  struct Sign {
    std::string_view text;
    Condition::Kind kind;
  };
  static constexpr std::array<Sign, 8> known{
      {{"==", Condition::Kind::equal},
       {"!=", Condition::Kind::unequal},
       {"<>", Condition::Kind::unequal},
       {"<", Condition::Kind::less},
       {">", Condition::Kind::less},
       {"<=", Condition::Kind::less_equal},
       {">=", Condition::Kind::less_equal},
       {"contains", Condition::Kind::contains}}};
  for (const Sign& s : known)
    if (word.is(s.text)) return s.kind;
  return std::nullopt;
}

std::optional<Value> literal_of(const Word& word) {
  if (word.kind == Word::Kind::text) return Value(word.text);
  if (word.kind == Word::Kind::number) return number_of(word.text);
  if (word.is("true")) return Value(true);
  if (word.is("false")) return Value(false);
  if (word.is("nil") || word.is("null")) return Value();
  if (word.is("empty")) return Value(Lack::empty);
  if (word.is("blank")) return Value(Lack::blank);
  return std::nullopt;
}

}  // namespace

Read<Words> Words::of(const Piece& piece) {
  auto words = words_of(piece.text, piece.at);
  if (!words) return std::unexpected(words.error());
  Words out;
  out.words_ = std::move(*words);
  return out;
}

std::unexpected<Fault> Words::wrong(std::string message) const {
  return std::unexpected(Fault{std::move(message), here().at});
}

bool Words::take(std::string_view what) {
  if (!here().is(what)) return false;
  ++next_;
  return true;
}

Read<void> Words::expect(std::string_view what) {
  if (take(what)) return {};
  return wrong("\"" + std::string(what) + "\" belongs here, not " + quoted(here()));
}

Read<void> Words::end() const {
  if (ended()) return {};
  return wrong(quoted(here()) + " is not expected here");
}

Read<std::string> Words::name(std::string_view of_what) {
  if (here().kind != Word::Kind::name)
    return wrong("a name of " + std::string(of_what) + " belongs here, not " + quoted(here()));
  return std::string(words_[next_++].text);
}

Read<Expression> Words::expression() {
  if (++depth_ > depth_max) return wrong("this is nested too deeply");
  const Word& word = here();
  Read<Expression> out;
  if (word.is("(")) {
    out = range();
  } else if (const auto literal = literal_of(word);
             literal && !(word.kind == Word::Kind::name && words_[next_ + 1].is("."))) {
    out = Expression{
        .kind = Expression::Kind::literal, .literal = *literal, .parts = {}, .at = word.at};
    ++next_;
  } else {
    out = path();
  }
  --depth_;
  return out;
}

Read<Expression> Words::range() {
  Expression out{.kind = Expression::Kind::range, .literal = {}, .parts = {}, .at = here().at};
  ++next_;
  auto first = expression();
  if (!first) return first;
  if (const auto dots = expect(".."); !dots) return std::unexpected(dots.error());
  auto last = expression();
  if (!last) return last;
  if (const auto closed = expect(")"); !closed) return std::unexpected(closed.error());
  out.parts = {std::move(*first), std::move(*last)};
  return out;
}

Read<Expression> Words::path() {
  Expression out{.kind = Expression::Kind::path, .literal = {}, .parts = {}, .at = here().at};
  const auto step = [&](const Word& word) {
    out.parts.push_back(
        {.kind = Expression::Kind::literal, .literal = Value(word.text), .parts = {}, .at = word.at}
    );
  };
  if (here().kind == Word::Kind::name) {
    step(words_[next_++]);
  } else if (!here().is("[")) {
    return wrong("a value belongs here, not " + quoted(here()));
  }
  while (here().is(".") || here().is("[")) {
    if (take(".")) {
      if (here().kind != Word::Kind::name)
        return wrong("a name belongs behind the point, not " + quoted(here()));
      step(words_[next_++]);
      continue;
    }
    ++next_;
    auto index = expression();
    if (!index) return index;
    if (const auto closed = expect("]"); !closed) return std::unexpected(closed.error());
    out.parts.push_back(std::move(*index));
  }
  return out;
}

Read<FilterCall> Words::filter() {
  FilterCall out;
  out.at = here().at;
  const auto called = name("a filter");
  if (!called) return std::unexpected(called.error());
  out.filter = find_filter(*called);
  if (out.filter == nullptr)
    return std::unexpected(Fault{
        "there is no filter \"" + *called + "\"" + nearest_hint(*called, filter_names()), out.at});
  if (take(":")) {
    do {
      std::string named;
      if (here().kind == Word::Kind::name && words_[next_ + 1].is(":")) {
        named = here().text;
        next_ += 2;
      }
      auto value = expression();
      if (!value) return std::unexpected(value.error());
      if (named.empty()) {
        out.arguments.push_back(std::move(*value));
      } else {
        out.named.emplace_back(std::move(named), std::move(*value));
      }
    } while (take(","));
  }
  if (out.arguments.size() < out.filter->least || out.arguments.size() > out.filter->most) {
    const std::string most = out.filter->most == 0
                                 ? "no argument"
                                 : std::to_string(out.filter->least) + " to " +
                                       std::to_string(out.filter->most) + " arguments";
    return std::unexpected(Fault{"filter \"" + *called + "\" takes " + most, out.at});
  }
  for (const auto& [named, value] : out.named) {
    if (*called == "default" && named == "allow_false") continue;
    return std::unexpected(Fault{
        "filter \"" + *called + "\" has no argument named \"" + named + "\"", out.at});
  }
  return out;
}

Read<Filtered> Words::filtered() {
  auto value = expression();
  if (!value) return std::unexpected(value.error());
  Filtered out{std::move(*value), {}};
  while (take("|")) {
    auto call = filter();
    if (!call) return std::unexpected(call.error());
    out.filters.push_back(std::move(*call));
  }
  return out;
}

Read<Condition> Words::comparison() {
  Condition out;
  if (take("not")) {
    auto inner = comparison();
    if (!inner) return inner;
    out.kind = Condition::Kind::negated;
    out.first = std::make_unique<Condition>(std::move(*inner));
    return out;
  }
  auto left = expression();
  if (!left) return std::unexpected(left.error());
  out.left = std::move(*left);
  const auto kind = comparison_of(here());
  if (!kind) return out;
  const bool turned = here().text.starts_with('>');
  out.kind = *kind;
  ++next_;
  auto right = expression();
  if (!right) return std::unexpected(right.error());
  out.right = std::move(*right);
  if (turned) std::swap(out.left, out.right);
  return out;
}

/// `and` and `or` bind alike, and to the right: `a and b or c` is `a and (b or c)`.
Read<Condition> Words::condition() {
  if (++depth_ > depth_max) return wrong("this is nested too deeply");
  auto left = comparison();
  if (!left) return left;
  const bool both = here().is("and");
  if (!both && !here().is("or")) {
    --depth_;
    return left;
  }
  ++next_;
  auto right = condition();
  if (!right) return right;
  --depth_;
  Condition out;
  out.kind = both ? Condition::Kind::both : Condition::Kind::either;
  out.first = std::make_unique<Condition>(std::move(*left));
  out.second = std::make_unique<Condition>(std::move(*right));
  return out;
}

}  // namespace hospes::liquid
