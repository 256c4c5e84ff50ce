// Numbers as people read them: `23,582` and `60.2%` in English, `23 582` and `60,2 %` in French
// (narrow no-break spaces).
#pragma once

#include <string>

#include "insight/words.h"

namespace hospes::insight {

/// How a number is to be read.
enum class Shape : unsigned char { whole, plain, percent, money, days };

/// `digits`: after the point (after that of the percentage). A number that is not finite reads "–":
/// nothing may pass one on, see `settle` in report.h.
std::string figure(double value, Shape shape, int digits, Language language);

inline std::string whole(double value, Language l) { return figure(value, Shape::whole, 0, l); }
inline std::string percent(double share, Language l, int digits = 0) {
  return figure(share, Shape::percent, digits, l);
}

/// A sentence made once in each language.
template <class F>
Words both(F&& make) {
  return {make(Language::en), make(Language::fr)};
}

/// `1997-01-01` of a day since 1970-01-01.
std::string date_text(int day);

}  // namespace hospes::insight
