#include "guest/html.h"

namespace hospes::guest {

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Html& Html::line(std::string_view tag, std::string_view any) {
  out_.append("<").append(tag).append(">").append(escaped(any));
  out_.append("</").append(tag.substr(0, tag.find(' '))).append(">");
  return *this;
}

}  // namespace hospes::guest
