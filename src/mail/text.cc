#include "mail/text.h"

#include <algorithm>
#include <array>

#include "digest/digest.h"
#include "zones/zones.h"

namespace hospes::mail {
namespace {

constexpr std::size_t line_max = 76;
constexpr std::size_t fold_at = 78;
constexpr std::size_t word_max = 200;  // in a header; a line may have 998 bytes

bool is_plain(char c) { return c >= ' ' && c < 127; }

void put_byte(std::string& out, unsigned char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const std::array<char, 3> three{'=', digits[c >> 4], digits[c & 15]};
  out.append(three.data(), three.size());
}

/// Whether quoted-printable leaves the byte as it is: space and tab only where no line ends.
bool stands(std::string_view text, std::size_t i) {
  const char c = text[i];
  if (c > ' ' && c < 127) [[likely]]
    return c != '=';
  if (c != ' ' && c != '\t') return false;
  return i + 1 < text.size() && text[i + 1] != '\n' && text[i + 1] != '\r';
}

/// Bytes of the UTF-8 letter at the front; 1 for what is none.
std::size_t letter_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t want = lead < 0xc2   ? 1
                           : lead < 0xe0 ? 2
                           : lead < 0xf0 ? 3
                           : lead < 0xf5 ? 4
                                         : 1;
  return std::min(want, text.size());
}

}  // namespace

std::string quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16 + 16);
  std::size_t line = 0;  // bytes on it
  const auto need = [&](std::size_t bytes) {
    if (line + bytes <= line_max - 1) return;
    out += "=\r\n";
    line = 0;
  };
  const auto encode = [&](char c) {
    need(3);
    put_byte(out, static_cast<unsigned char>(c));
    line += 3;
  };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;  // of what stands as it is, in one piece
    while (end < text.size() && stands(text, end)) ++end;
    while (i < end) {
      need(1);
      if (line == 0 && text[i] == '.') {  // what SMTP doubles: some relays forget it
        encode(text[i++]);
        continue;
      }
      const std::size_t piece = std::min(end - i, line_max - 1 - line);
      out += text.substr(i, piece);
      line += piece;
      i += piece;
    }
    if (i == text.size()) break;
    const bool two = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (two || text[i] == '\n') {
      out += "\r\n";
      line = 0;
      i += two ? 2 : 1;
    } else {
      encode(text[i++]);
    }
  }
  return out;
}

std::string encoded_words(std::string_view text) {
  // A word that no line can hold is broken up too.
  std::size_t longest = 0, word = 0;
  for (const char c : text) longest = std::max(longest, word = c == ' ' ? 0 : word + 1);
  const bool plain =
      std::ranges::all_of(text, is_plain) && !text.contains("=?") && longest <= word_max;
  if (plain) return std::string(text);
  constexpr std::size_t bytes_max = 42;  // 56 of base64, and 12 around it: 68
  std::string out;
  while (!text.empty()) {
    std::size_t n = 0;
    while (n < text.size()) {
      const std::size_t letter = letter_bytes(text.substr(n));
      if (n + letter > bytes_max) break;
      n += letter;
    }
    if (!out.empty()) out += ' ';
    out += "=?UTF-8?B?" + base64(text.substr(0, n)) + "?=";
    text.remove_prefix(n);
  }
  return out;
}

std::string folded(std::string_view name, std::string_view value) {
  std::string out(name);
  out += ": ";
  std::size_t line = out.size();
  bool first = true;
  while (!value.empty()) {
    const std::size_t space = std::min(value.find(' ', value.find_first_not_of(' ')), value.size());
    const std::string_view word = value.substr(0, space);  // with the spaces before it
    if (!first && line + word.size() > fold_at && word.starts_with(' ')) {
      out += "\r\n";
      line = 0;
    }
    out += word;
    line += word.size();
    first = false;
    value.remove_prefix(space);
  }
  return out + "\r\n";
}

std::string date_of(std::int64_t seconds) {
  constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::int64_t day = seconds / 86'400, rest = seconds % 86'400;
  const zones::Date date = zones::date_of(day);
  const auto two = [](std::int64_t n) {
    return std::string(n < 10 ? "0" : "") + std::to_string(n);
  };
  return std::string(days[zones::weekday_of(day)]) + ", " + std::to_string(date.day) + " " +
         std::string(months[date.month - 1]) + " " + std::to_string(date.year) + " " +
         two(rest / 3600) + ":" + two(rest / 60 % 60) + ":" + two(rest % 60) + " +0000";
}

}  // namespace hospes::mail
