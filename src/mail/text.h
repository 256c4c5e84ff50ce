// How text travels in mail: quoted-printable, encoded words, folded lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hospes::mail {

/// RFC 2045 section 6.7: lines of 76 at most, ended by CR LF; line ends of the text become such.
std::string quoted_printable(std::string_view text);
/// RFC 2047: as it is when it is plain ASCII, else in encoded words of 75 at most (UTF-8, base64).
std::string encoded_words(std::string_view text);
/// `Name: value` folded at spaces to 78 (RFC 5322 section 2.1.1), with CR LF at the end. A word
/// longer than a line stays whole. Precondition: no CR, LF or NUL in either.
std::string folded(std::string_view name, std::string_view value);
/// RFC 5322: `Fri, 27 Nov 2026 10:00:00 +0000`.
std::string date_of(std::int64_t seconds);
/// Readable text of an HTML message: blocks as paragraphs, links with their addresses, lists with
/// dashes.
std::string text_of_html(std::string_view html);

}  // namespace hospes::mail
