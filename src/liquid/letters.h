// Text by its letters (code points of UTF-8), not by its bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hospes::liquid {

/// Bytes of the code point at the front; 1 for a byte that begins none. Precondition: not empty.
std::size_t letter_bytes(std::string_view text);
std::size_t letters(std::string_view text);
/// `count` letters from letter `first` on; fewer at the end.
std::string_view letters_of(std::string_view text, std::size_t first, std::size_t count);
std::vector<std::string_view> each_letter(std::string_view text);

/// One letter for one, in the Latin, Greek and Cyrillic alphabets; others stay.
std::string upper(std::string_view text);
std::string lower(std::string_view text);

/// ASCII white space.
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
std::string_view left_stripped(std::string_view text);
std::string_view right_stripped(std::string_view text);
std::vector<std::string_view> words(std::string_view text);

/// `& < > " '` as references.
std::string html_escaped(std::string_view text);
void html_escape_to(std::string& out, std::string_view text);
/// The same, but what is a reference already stays.
std::string html_escaped_once(std::string_view text);
/// Without tags and comments, and without the content of script and style.
std::string without_tags(std::string_view html);

/// application/x-www-form-urlencoded, one value.
std::string url_encoded(std::string_view text);
std::string url_decoded(std::string_view text);

}  // namespace hospes::liquid
