// The two ends of the sentence grammar: one writes pieces, the other looks for them. Each piece
// returns whether it fits; a writer's always does. Private to the room.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "segment/lexer.h"
#include "segment/sentence.h"

namespace hospes::segment {

struct Phrase2 {
  std::string_view en, fr;
  std::string_view in(Language language) const { return language == Language::en ? en : fr; }
};

class SentenceWriter {
 public:
  static constexpr bool reads = false;
  explicit SentenceWriter(Language language) : language_(language) {}
  std::string take() { return std::move(out_); }

  bool word(const Phrase2& phrase) { return raw(phrase.in(language_)); }
  /// An optional piece: is it there?
  bool maybe(const Phrase2& phrase, bool there) { return there && word(phrase); }
  /// The phrase that stands for a value. Longer ones first, where one begins another.
  template <class T>
  bool one_of(T& value, std::initializer_list<std::pair<T, Phrase2>> phrases) {
    const auto* at = std::ranges::find(phrases, value, &std::pair<T, Phrase2>::first);
    return at != phrases.end() && word(at->second);
  }
  bool text(std::string& value) { return raw(segment::in_quotes(value)); }
  bool number(Decimal& value) { return raw(hospes::to_string(value)); }
  bool raw(std::string_view piece) {
    const bool closes = piece == ")" || piece == "," || piece == "%";
    if (!out_.empty() && out_.back() != '(' && !closes) out_ += ' ';
    out_ += piece;
    return true;
  }
  std::size_t place() const { return 0; }
  void back(std::size_t) {}

 private:
  const Language language_;
  std::string out_;
};

class SentenceReader {
 public:
  static constexpr bool reads = true;
  SentenceReader(std::string_view source, Language language)
      : source_(source), language_(language) {}

  bool word(const Phrase2& phrase) { return raw(phrase.in(language_)); }
  bool maybe(const Phrase2& phrase, bool) { return word(phrase); }
  template <class T>
  bool one_of(T& value, std::initializer_list<std::pair<T, Phrase2>> phrases) {
    for (const auto& [meant, phrase] : phrases) {
      if (!word(phrase)) continue;
      value = meant;
      return true;
    }
    return false;
  }
  bool text(std::string& value) {
    skip();
    Lexer lexer(source_.substr(at_));
    auto token = lexer.next();
    if (!token || token->kind != TokenKind::text) return missed();
    value = token->text;
    at_ += token->raw.size();
    return true;
  }
  bool number(Decimal& value) {
    skip();
    Lexer lexer(source_.substr(at_));
    const auto token = lexer.next();
    if (!token || token->kind != TokenKind::number) return missed();
    const auto read = parse_decimal(token->raw);
    if (!read) return missed();
    value = *read;
    at_ += token->raw.size();
    return true;
  }
  bool raw(std::string_view piece) {
    skip();
    const std::string_view rest = source_.substr(at_);
    if (!rest.starts_with(piece)) {
      const bool capital = at_ == 0 && !rest.empty() && !piece.empty() &&
                           (rest[0] | 0x20) == piece[0] && rest.substr(1).starts_with(piece.substr(1));
      if (!capital) return missed();
    }
    const bool inside = is_word_part(piece.back()) && rest.size() > piece.size() &&
                        is_word_part(rest[piece.size()]);
    if (inside) return missed();
    at_ += piece.size();
    return true;
  }
  /// A bare word: letters, digits, underscores; also dashes and colons with `more`.
  bool bare(std::string& value, std::string_view more = {}) {
    skip();
    std::size_t end = at_;
    while (end < source_.size() &&
           (is_word_part(source_[end]) || more.find(source_[end]) != std::string_view::npos)) {
      ++end;
    }
    if (end == at_) return missed();
    value = source_.substr(at_, end - at_);
    at_ = end;
    return true;
  }
  std::size_t place() const { return at_; }
  void back(std::size_t place) { at_ = place; }
  /// How far anything was understood.
  std::size_t furthest() const { return furthest_; }
  bool at_end() {
    skip();
    if (at_ < source_.size() && source_[at_] == '.') ++at_;
    skip();
    return at_ == source_.size() || missed();
  }

 private:
  void skip() {
    while (at_ < source_.size() && (source_[at_] == ' ' || source_[at_] == '\n')) ++at_;
  }
  bool missed() {
    furthest_ = std::max(furthest_, at_);
    return false;
  }

  const std::string_view source_;
  const Language language_;
  std::size_t at_ = 0;
  std::size_t furthest_ = 0;
};

}  // namespace hospes::segment
