#include "liquid/lexer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "liquid/letters.h"

namespace hospes::liquid {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool goes_on_name(char c) { return begins_name(c) || is_digit(c) || c == '-'; }

std::unexpected<Fault> fault(std::string message, std::size_t at) {
  return std::unexpected(Fault{std::move(message), at});
}

/// The name in front of `piece.text`, which then holds the rest.
void split_name(Piece& piece) {
  const std::string_view all = piece.text;
  std::string_view text = left_stripped(all);
  const auto end = std::ranges::find_if(text, [](char c) { return !goes_on_name(c) && c != '#'; });
  piece.name = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  if (piece.name.starts_with('#')) piece.name = piece.name.substr(0, 1);
  text.remove_prefix(piece.name.size());
  piece.at += all.size() - text.size();
  piece.text = text;
}

class Cutter {
 public:
  explicit Cutter(std::string_view source) : source_(source) {}

  Read<std::vector<Piece>> run() {
    while (at_ < source_.size()) {
      const std::size_t open = next_open();
      literal(at_, open);
      if (open == source_.size()) break;
      if (auto done = inside(open); !done) return std::unexpected(done.error());
    }
    return std::move(pieces_);
  }

 private:
  std::size_t next_open() const {
    for (std::size_t at = source_.find('{', at_); at != source_.npos;
         at = source_.find('{', at + 1)) {
      const char after = at + 1 < source_.size() ? source_[at + 1] : ' ';
      if (after == '{' || after == '%') return at;
    }
    return source_.size();
  }

  void literal(std::size_t from, std::size_t to) {
    std::string_view text = source_.substr(from, to - from);
    if (strip_next_) {
      const std::string_view rest = left_stripped(text);
      from += text.size() - rest.size();
      text = rest;
    }
    if (source_.substr(to).starts_with("{{-") || source_.substr(to).starts_with("{%-"))
      text = right_stripped(text);
    if (!text.empty()) pieces_.push_back({Piece::Kind::literal, {}, text, from});
  }

  Read<void> inside(std::size_t open) {
    const bool tag = source_[open + 1] == '%';
    std::size_t from = open + 2;
    if (source_.substr(from).starts_with('-')) ++from;
    const std::size_t end = source_.find(tag ? "%}" : "}}", from);
    if (end == source_.npos)
      return fault(tag ? "this tag is not closed by %}" : "this output is not closed by }}", open);
    std::size_t to = end;
    strip_next_ = to > from && source_[to - 1] == '-';
    if (strip_next_) --to;
    Piece piece{
        tag ? Piece::Kind::tag : Piece::Kind::output, {}, source_.substr(from, to - from), from};
    at_ = end + 2;
    if (!tag) {
      pieces_.push_back(piece);
      return {};
    }
    split_name(piece);
    if (piece.name == "#") return {};
    if (piece.name == "raw" || piece.name == "comment") return skip(piece.name, open);
    pieces_.push_back(piece);
    return {};
  }

  /// To the tag that ends a raw stretch or a comment; comments may hold comments.
  Read<void> skip(std::string_view name, std::size_t open) {
    const std::size_t from = at_;
    unsigned depth = 1;
    for (std::size_t at = source_.find("{%", from); at != source_.npos;
         at = source_.find("{%", at + 2)) {
      std::string_view rest = source_.substr(at + 2);
      if (rest.starts_with('-')) rest.remove_prefix(1);
      rest = left_stripped(rest);
      const bool ends = rest.starts_with("end") && rest.substr(3).starts_with(name);
      if (!ends && !(name == "comment" && rest.starts_with(name))) continue;
      rest = left_stripped(rest.substr(name.size() + (ends ? 3 : 0)));
      const bool strips = rest.starts_with('-');
      if (strips) rest.remove_prefix(1);
      if (!rest.starts_with("%}")) continue;
      if (!ends) {
        ++depth;
      } else if (--depth == 0) {
        if (name == "raw") literal(from, at);
        strip_next_ = strips;
        at_ = static_cast<std::size_t>(rest.data() - source_.data()) + 2;
        return {};
      }
    }
    return fault(
        "this {% " + std::string(name) + " %} is not closed by {% end" + std::string(name) + " %}",
        open
    );
  }

  std::string_view source_;
  std::size_t at_ = 0;
  bool strip_next_ = false;
  std::vector<Piece> pieces_;
};

Read<Word> quoted(std::string_view text, std::size_t from, std::size_t at) {
  const std::size_t end = text.find(text[from], from + 1);
  if (end == text.npos)
    return fault("this text is not closed by " + std::string(1, text[from]), at + from);
  return Word{Word::Kind::text, text.substr(from + 1, end - from - 1), at + from};
}

std::size_t number_bytes(std::string_view text) {
  std::size_t n = text.starts_with('-') ? 1 : 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  if (n + 1 < text.size() && text[n] == '.' && is_digit(text[n + 1])) {
    ++n;
    while (n < text.size() && is_digit(text[n])) ++n;
  }
  return n;
}

constexpr std::array<std::string_view, 17> signs{"==", "!=", "<>", "<=", ">=", "..", "<", ">", "|",
                                                 ":",  ",",  ".",  "[",  "]",  "(",  ")", "="};

}  // namespace

Read<std::vector<Piece>> cut(std::string_view source) { return Cutter(source).run(); }

Read<std::vector<Piece>> cut_lines(std::string_view text, std::size_t at) {
  std::vector<Piece> out;
  unsigned comments = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Piece piece{Piece::Kind::tag, {}, right_stripped(text.substr(0, end)), at};
    const std::size_t next = std::min(end + 1, text.size());
    text.remove_prefix(next);
    at += next;
    split_name(piece);
    if (piece.name == "comment") ++comments;
    if (piece.name == "endcomment" && comments > 0) {
      --comments;
      continue;
    }
    if (comments > 0 || piece.name == "#" || (piece.name.empty() && piece.text.empty())) continue;
    out.push_back(piece);
  }
  return out;
}

Read<std::vector<Word>> words_of(std::string_view text, std::size_t at) {
  std::vector<Word> out;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const char after = i + 1 < text.size() ? text[i + 1] : ' ';
    if (is_space(c)) {
      ++i;
    } else if (c == '"' || c == '\'') {
      const auto word = quoted(text, i, at);
      if (!word) return std::unexpected(word.error());
      out.push_back(*word);
      i += word->text.size() + 2;
    } else if (is_digit(c) || (c == '-' && is_digit(after))) {
      const std::size_t n = number_bytes(text.substr(i));
      out.push_back({Word::Kind::number, text.substr(i, n), at + i});
      i += n;
    } else if (begins_name(c)) {
      std::size_t n = 1;
      while (i + n < text.size() && goes_on_name(text[i + n])) ++n;
      if (i + n < text.size() && text[i + n] == '?') ++n;
      out.push_back({Word::Kind::name, text.substr(i, n), at + i});
      i += n;
    } else {
      const auto sign = std::ranges::find_if(signs, [&](std::string_view s) {
        return text.substr(i).starts_with(s);
      });
      if (sign == signs.end())
        return fault(
            "\"" + std::string(text.substr(i, letter_bytes(text.substr(i)))) +
                "\" has no meaning here",
            at + i
        );
      out.push_back({Word::Kind::sign, text.substr(i, sign->size()), at + i});
      i += sign->size();
    }
  }
  out.push_back({Word::Kind::end, {}, at + text.size()});
  return out;
}

}  // namespace hospes::liquid
