// An HTML message as text. No parser of HTML: messages are written by the house, and what is not
// understood loses its tags.
#include <algorithm>
#include <array>

#include "mail/text.h"

namespace hospes::mail {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

struct Tag {
  std::string name;  // small
  bool closing = false;
  std::string_view inside;
};

std::string attribute(std::string_view inside, std::string_view name) {
  for (std::size_t at = 0; at < inside.size(); ++at) {
    if (!is_space(inside[at])) continue;
    std::string_view rest = inside.substr(at + 1);
    const bool here = rest.size() > name.size() &&
                      std::ranges::equal(rest.substr(0, name.size()), name, {}, small);
    if (!here) continue;
    rest.remove_prefix(name.size());
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    if (!rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    if (rest.empty()) return {};
    if (rest.front() == '"' || rest.front() == '\'')
      return std::string(rest.substr(1, rest.find(rest.front(), 1) - 1));
    const auto end = std::ranges::find_if(rest, is_space);
    return std::string(rest.begin(), end);
  }
  return {};
}

std::string reference(std::string_view name) {
  struct Known {
    std::string_view name, text;
  };
  static constexpr std::array<Known, 22> known{
      {{"amp", "&"},    {"lt", "<"},     {"gt", ">"},    {"quot", "\""},  {"apos", "'"},
       {"nbsp", " "},   {"euro", "€"},   {"copy", "©"},  {"eacute", "é"}, {"egrave", "è"},
       {"agrave", "à"}, {"ccedil", "ç"}, {"ecirc", "ê"}, {"ocirc", "ô"},  {"icirc", "î"},
       {"ugrave", "ù"}, {"laquo", "«"},  {"raquo", "»"}, {"rsquo", "’"},  {"hellip", "…"},
       {"ndash", "–"},  {"mdash", "—"}}};
  for (const Known& k : known)
    if (k.name == name) return std::string(k.text);
  if (!name.starts_with('#') || name.size() > 8) return {};
  const bool hex = name.size() > 1 && small(name[1]) == 'x';
  unsigned letter = 0;
  for (const char c : name.substr(hex ? 2 : 1)) {
    const int digit = c >= '0' && c <= '9'                        ? c - '0'
                      : hex && small(c) >= 'a' && small(c) <= 'f' ? small(c) - 'a' + 10
                                                                  : -1;
    if (digit < 0) return {};
    letter = letter * (hex ? 16 : 10) + static_cast<unsigned>(digit);
  }
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80 | (letter >> shift & 0x3f));
  };
  if (letter < 0x80)
    return letter < ' ' ? std::string(" ") : std::string(1, static_cast<char>(letter));
  if (letter < 0x800) return {static_cast<char>(0xc0 | letter >> 6), tail(0)};
  if (letter < 0x10000) return {static_cast<char>(0xe0 | letter >> 12), tail(6), tail(0)};
  if (letter < 0x110000)
    return {static_cast<char>(0xf0 | letter >> 18), tail(12), tail(6), tail(0)};
  return {};
}

class Plain {
 public:
  std::string run(std::string_view html) {
    while (!html.empty()) {
      std::size_t taken = 0;
      if (html.front() == '<')
        taken = markup(html);
      else if (html.front() == '&')
        taken = referred(html);
      if (taken == 0) taken = letters(html);
      html.remove_prefix(taken);
    }
    while (!out_.empty() && is_space(out_.back())) out_.pop_back();
    return out_ + "\n";
  }

 private:
  /// A blank, or all up to the next blank or mark; at least one byte.
  std::size_t letters(std::string_view html) {
    if (is_space(html.front())) {
      space_ = space_ || silent_ == 0;
      return 1;
    }
    std::size_t end = 1;
    while (end < html.size() && !is_space(html[end]) && html[end] != '<' && html[end] != '&') ++end;
    write(html.substr(0, end));
    return end;
  }

  void write(std::string_view text) {
    if (silent_ > 0) return;
    if (breaks_ > 0 && !out_.empty()) out_.append(breaks_, '\n');
    if (breaks_ == 0 && space_ && !out_.empty() && out_.back() != '\n') out_ += ' ';
    breaks_ = 0;
    space_ = false;
    out_ += text;
  }

  void lines(std::size_t count) { breaks_ = std::max(breaks_, count); }

  std::size_t referred(std::string_view html) {
    const std::size_t end = html.substr(0, 12).find(';');
    if (end == html.npos) return 0;
    const std::string text = reference(html.substr(1, end - 1));
    if (text.empty()) return 0;
    if (text == " ")
      space_ = true;
    else
      write(text);
    return end + 1;
  }

  std::size_t markup(std::string_view html) {
    const bool comment = html.starts_with("<!--");
    const std::size_t end = html.find(comment ? "-->" : ">");
    if (end == html.npos) return 0;
    if (comment) return end + 3;
    Tag tag;
    tag.inside = html.substr(1, end - 1);
    tag.closing = tag.inside.starts_with('/');
    if (tag.closing) tag.inside.remove_prefix(1);
    while (tag.name.size() < tag.inside.size() && !is_space(tag.inside[tag.name.size()]) &&
           tag.inside[tag.name.size()] != '/')
      tag.name += small(tag.inside[tag.name.size()]);
    element(tag);
    return end + 1;
  }

  void element(const Tag& tag) {
    static constexpr std::array<std::string_view, 18> paragraphs{
        "p",     "h1",         "h2",      "h3",      "h4",     "h5",     "h6",   "ul", "ol",
        "table", "blockquote", "section", "article", "header", "footer", "main", "hr", "dl"};
    static constexpr std::array<std::string_view, 6> rows{"div", "tr", "center", "li", "dt", "dd"};
    static constexpr std::array<std::string_view, 4> silent{"style", "script", "title", "head"};
    if (std::ranges::find(silent, tag.name) != silent.end()) {
      if (!tag.closing)
        ++silent_;
      else if (silent_ > 0)
        --silent_;
    } else if (tag.name == "br") {
      if (silent_ == 0) ++breaks_;
    } else if (std::ranges::find(paragraphs, tag.name) != paragraphs.end()) {
      lines(2);
    } else if (std::ranges::find(rows, tag.name) != rows.end()) {
      lines(1);
      if (tag.name == "li" && !tag.closing) write("- ");
    } else if (tag.name == "td" || tag.name == "th") {
      space_ = true;
    } else if (tag.name == "img" && !tag.closing) {
      if (const std::string alt = attribute(tag.inside, "alt"); !alt.empty()) write(alt);
    } else if (tag.name == "a") {
      link(tag);
    }
  }

  void link(const Tag& tag) {
    if (!tag.closing) {
      link_ = attribute(tag.inside, "href");
      from_ = out_.size();
      return;
    }
    const bool good = link_.starts_with("http") || link_.starts_with("mailto:");
    if (good && from_ <= out_.size() && !std::string_view(out_).substr(from_).contains(link_)) {
      space_ = true;
      write("<");
      out_ += plain_address(link_) + ">";
    }
    link_.clear();
  }

  static std::string plain_address(std::string_view link) {
    std::string out;
    while (!link.empty()) {
      if (link.starts_with("&amp;")) {
        out += '&';
        link.remove_prefix(5);
      } else {
        out += link.front();
        link.remove_prefix(1);
      }
    }
    return out;
  }

  std::string out_, link_;
  std::size_t breaks_ = 0, silent_ = 0, from_ = 0;
  bool space_ = false;
};

}  // namespace

std::string text_of_html(std::string_view html) { return Plain().run(html); }

}  // namespace hospes::mail
