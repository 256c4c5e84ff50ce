// HTML as it is written: what is text is escaped, and only what the program itself says is markup.
#pragma once

#include <string>
#include <string_view>

namespace hospes::guest {

/// `&`, `<`, `>`, `"` and `'` as references (HTML, section 13.1.2): fit for text and for a quoted
/// attribute.
std::string escaped(std::string_view text);

/// For the query of an address of ours (RFC 3986, section 2.1).
std::string url_escaped(std::string_view text);

class Html {
 public:
  /// Markup of ours: a literal, or what another Html holds. Never what came from outside.
  Html& raw(std::string_view markup) {
    out_.append(markup);
    return *this;
  }
  Html& add(const Html& part) { return raw(part.out_); }
  Html& text(std::string_view any) {
    out_.append(escaped(any));
    return *this;
  }
  /// `<tag>text</tag>`; `tag` may bear attributes of ours.
  Html& line(std::string_view tag, std::string_view any);
  bool empty() const { return out_.empty(); }
  std::string done() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace hospes::guest
