// What a report would rather show than say: one message as a sentence, its uncertainty drawn, n and
// period under it. A value; `svg` draws it by the rules of the house's look: the point of the story
// in full accent, the rest quieter, labels on the data.
#pragma once

#include <string>
#include <vector>

#include "insight/figures.h"

namespace hospes::insight {

enum class Ink : unsigned char { accent, second, other, miss };

/// A curve. `low` and `high`, when given, are a band of the same length.
struct Curve {
  Words label;
  std::vector<double> x, y, low, high;
  Ink ink = Ink::accent;
  bool dashed = false;  // a forecast, or what a model says
  bool steps = false;   // constant between its points
};

/// A bar with its whisker; `people` and more may be saved as a segment by name.
struct Bar {
  Words label;
  double value = 0, low = 0, high = 0;  // low == high: no interval is known
  Ink ink = Ink::accent;
};

struct Flow {
  std::string from, to;
  double people = 0;
};

struct Plot {
  Words title;    // the message, a sentence
  Words y, x;     // axis names
  Words footing;  // n, period, level of the interval
  Shape y_shape = Shape::plain;
  int y_digits = 0;
  bool x_is_day = false;  // x counts days since 1970-01-01
  std::vector<Curve> curves;
  std::vector<Bar> bars;
  std::vector<Flow> flows;

  bool empty() const { return curves.empty() && bars.empty() && flows.empty(); }
};

/// What it is drawn on.
struct Sheet {
  enum class Theme : unsigned char { reader, light, dark };
  double width = 720;            // px; below 560 curves are named above the drawing, not at their ends
  bool words = true;             // title and footing; without: the page that shows it says them
  Theme theme = Theme::reader;  // by the reader's preference, or as said
};

/// A whole SVG document in one language, with title and description for a screen reader. Text is
/// escaped.
std::string svg(const Plot& plot, Language language, const Sheet& sheet = {});

}  // namespace hospes::insight
