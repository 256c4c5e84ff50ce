#include "liquid/letters.h"

#include <algorithm>
#include <cstdint>

namespace hospes::liquid {
namespace {

using Letter = std::uint32_t;

Letter letter_at(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() == 1) return byte(0);
  if (bytes.size() == 2) return (byte(0) & 0x1fU) << 6 | (byte(1) & 0x3fU);
  if (bytes.size() == 3)
    return (byte(0) & 0x0fU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU);
  return 0xfffd;
}

void put(std::string& out, Letter l) {
  if (l < 0x80) {
    out += static_cast<char>(l);
  } else if (l < 0x800) {
    out += static_cast<char>(0xc0 | l >> 6);
    out += static_cast<char>(0x80 | (l & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | l >> 12);
    out += static_cast<char>(0x80 | (l >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (l & 0x3f));
  }
}

bool in(Letter l, Letter first, Letter last) { return l >= first && l <= last; }

Letter upper_of(Letter l) {
  if (in(l, 'a', 'z')) return l - 32;
  if (in(l, 0xe0, 0xfe) && l != 0xf7) return l - 32;
  if (l == 0xff) return 0x178;
  if (in(l, 0x100, 0x137) && l % 2 == 1 && l != 0x131) return l - 1;
  if (in(l, 0x139, 0x148) && l % 2 == 0) return l - 1;
  if (in(l, 0x14a, 0x177) && l % 2 == 1) return l - 1;
  if (in(l, 0x179, 0x17e) && l % 2 == 0) return l - 1;
  if (in(l, 0x3b1, 0x3c9) && l != 0x3c2) return l - 32;
  if (in(l, 0x430, 0x44f)) return l - 32;
  if (in(l, 0x450, 0x45f)) return l - 80;
  return l;
}

Letter lower_of(Letter l) {
  if (in(l, 'A', 'Z')) return l + 32;
  if (in(l, 0xc0, 0xde) && l != 0xd7) return l + 32;
  if (l == 0x178) return 0xff;
  if (in(l, 0x100, 0x137) && l % 2 == 0 && l != 0x130) return l + 1;
  if (in(l, 0x139, 0x148) && l % 2 == 1) return l + 1;
  if (in(l, 0x14a, 0x177) && l % 2 == 0) return l + 1;
  if (in(l, 0x179, 0x17e) && l % 2 == 1) return l + 1;
  if (in(l, 0x391, 0x3a9) && l != 0x3a2) return l + 32;
  if (in(l, 0x410, 0x42f)) return l + 32;
  if (in(l, 0x400, 0x40f)) return l + 80;
  return l;
}

template <class Change>
std::string changed(std::string_view text, const Change& change) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t n = letter_bytes(text);
    const Letter before = letter_at(text.substr(0, n));
    const Letter after = n > 3 ? before : change(before);
    if (after == before) {
      out += text.substr(0, n);
    } else {
      put(out, after);
    }
    text.remove_prefix(n);
  }
  return out;
}

std::string_view reference(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

/// `&name;`, `&#39;` or `&#x27;` at the front: its length, else 0.
std::size_t reference_bytes(std::string_view text) {
  const std::size_t end = text.substr(0, 12).find(';');
  if (end == std::string_view::npos || end < 2) return 0;
  std::string_view name = text.substr(1, end - 1);
  if (name.starts_with('#')) name.remove_prefix(1);
  const bool good = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  return good ? end + 1 : 0;
}

bool begins_with_tag(std::string_view html, std::string_view name) {
  if (html.size() <= name.size() + 1 || html[0] != '<') return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if ((html[i + 1] | 0x20) != name[i]) return false;
  const char after = html[name.size() + 1];
  return is_space(after) || after == '>' || after == '/';
}

/// Where the element that begins here ends, for one whose content is no text.
std::size_t silent_bytes(std::string_view html, std::string_view name) {
  if (!begins_with_tag(html, name)) return 0;
  for (std::size_t at = html.find("</"); at != std::string_view::npos;
       at = html.find("</", at + 2)) {
    std::string closing = "<" + std::string(html.substr(at + 2, name.size() + 1));
    if (!begins_with_tag(closing, name)) continue;
    const std::size_t end = html.find('>', at);
    return end == std::string_view::npos ? html.size() : end + 1;
  }
  return 0;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t letter_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t want = lead < 0xc2   ? 1
                           : lead < 0xe0 ? 2
                           : lead < 0xf0 ? 3
                           : lead < 0xf5 ? 4
                                         : 1;
  if (want > text.size()) return 1;
  for (std::size_t i = 1; i < want; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) return 1;
  return want;
}

std::size_t letters(std::string_view text) {
  std::size_t out = 0;
  for (; !text.empty(); ++out) text.remove_prefix(letter_bytes(text));
  return out;
}

std::string_view letters_of(std::string_view text, std::size_t first, std::size_t count) {
  for (; first > 0 && !text.empty(); --first) text.remove_prefix(letter_bytes(text));
  std::size_t bytes = 0;
  for (; count > 0 && bytes < text.size(); --count) bytes += letter_bytes(text.substr(bytes));
  return text.substr(0, bytes);
}

std::vector<std::string_view> each_letter(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    out.push_back(text.substr(0, letter_bytes(text)));
    text.remove_prefix(out.back().size());
  }
  return out;
}

std::string upper(std::string_view text) { return changed(text, upper_of); }
std::string lower(std::string_view text) { return changed(text, lower_of); }

std::string_view left_stripped(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

std::string_view right_stripped(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (text = left_stripped(text); !text.empty(); text = left_stripped(text)) {
    const auto end = std::ranges::find_if(text, is_space);
    out.push_back(text.substr(0, static_cast<std::size_t>(end - text.begin())));
    text.remove_prefix(out.back().size());
  }
  return out;
}

void html_escape_to(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (const std::string_view r = reference(c); !r.empty()) {
      out += r;
    } else {
      out += c;
    }
  }
}

std::string html_escaped(std::string_view text) {
  std::string out;
  html_escape_to(out, text);
  return out;
}

std::string html_escaped_once(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t n = text.front() == '&' ? reference_bytes(text) : 0;
    if (n > 0) {
      out += text.substr(0, n);
    } else {
      html_escape_to(out, text.substr(0, 1));
    }
    text.remove_prefix(std::max<std::size_t>(n, 1));
  }
  return out;
}

std::string without_tags(std::string_view html) {
  std::string out;
  while (!html.empty()) {
    std::size_t n = 0;
    if (html.front() == '<') {
      n = std::max(silent_bytes(html, "script"), silent_bytes(html, "style"));
      const std::string_view closing = html.starts_with("<!--") ? "-->" : ">";
      const std::size_t end = html.find(closing);
      if (n == 0 && end != std::string_view::npos) n = end + closing.size();
    }
    if (n == 0) out += html.front();
    html.remove_prefix(std::max<std::size_t>(n, 1));
  }
  return out;
}

std::string url_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::string url_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace hospes::liquid
