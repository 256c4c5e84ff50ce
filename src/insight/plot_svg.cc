// Draws a plot by the house's look: tokens of the light and the dark theme, axis name at top left,
// at most four grid lines, labels on the data, whiskers or a band for uncertainty, n and period
// underneath.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "insight/plot.h"

namespace hospes::insight {
namespace {

constexpr double left = 64, right = 24;
constexpr double label_room = 150;  // for names at the ends of curves
constexpr double narrow = 560;      // below it they stand above

constexpr std::string_view light =
    "svg{--surface:#FFFFFF;--line:#E4E0D8;--ink:#1E1C19;--ink2:#57534B;--ink3:#6B665C;--accent:#"
    "1F4B8E;"
    "--second:#8EA6CB;--other:#A9A396;--band:#D5E0F0;--miss:#A32A2A}";
constexpr std::string_view dark =
    "svg{--surface:#1B1D23;--line:#2C2F37;--ink:#ECEAE4;--ink2:#BBB8B0;--ink3:#9C998F;--accent:#"
    "8FB4EA;"
    "--second:#4F6C9B;--other:#6F6C64;--band:#24344F;--miss:#F09A8F}";
constexpr std::string_view style =
    "text{font:12px system-ui,sans-serif;fill:var(--ink2);font-variant-numeric:tabular-nums}"
    ".title{font:18px 'Iowan Old Style','Palatino Linotype',Palatino,Georgia,serif;fill:var(--ink)}"
    ".foot{fill:var(--ink3)}.strong{fill:var(--ink);font-weight:500}"
    ".grid{stroke:var(--line)}.whisker{stroke:var(--ink);stroke-width:1.5;fill:none}";

std::string styles(Sheet::Theme theme) {
  std::string out = "<style>";
  out += theme == Sheet::Theme::dark ? dark : light;
  if (theme == Sheet::Theme::reader)
    out.append("@media(prefers-color-scheme:dark){").append(dark).append("}");
  return out.append(style).append("</style>");
}

std::string_view colour(Ink ink) {
  switch (ink) {
    case Ink::accent:
      return "var(--accent)";
    case Ink::second:
      return "var(--second)";
    case Ink::other:
      return "var(--other)";
    case Ink::miss:
      return "var(--miss)";
  }
  return {};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
  }
  return out;
}

std::string text_at(double x, double y, std::string_view text, std::string_view attributes = "") {
  return fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\"{}{}>{}</text>", x, y, attributes.empty() ? "" : " ",
      attributes, escaped(text)
  );
}

/// Lines of at most `most` letters, cut at blanks.
std::vector<std::string> wrapped(const std::string& text, std::size_t most) {
  std::vector<std::string> out;
  std::string line;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && line.size() + 1 + word.size() > most) {
      out.push_back(line);
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  if (!line.empty()) out.push_back(line);
  return out;
}

/// 1, 2 or 5 times a power of ten, so that at most four lines fit.
double step_of(double span) {
  const double rough = span / 4;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (power * factor >= rough) return power * factor;
  return power * 10;
}

struct Frame {
  double top = 0, bottom = 0, x_low = 0, x_high = 1, y_low = 0, y_high = 1, x_end = 0;
  double x(double v) const { return left + (v - x_low) / (x_high - x_low) * (x_end - left); }
  double y(double v) const { return bottom - (v - y_low) / (y_high - y_low) * (bottom - top); }
};

std::string heading(const Plot& plot, Language l, double& y) {
  std::string out;
  for (const std::string& line : wrapped(plot.title.in(l), 72))
    out += text_at(20, y += 24, line, "class=\"title\"");
  return out;
}

std::string footing(const Plot& plot, Language l, double& y) {
  std::string out;
  y += 12;
  for (const std::string& line : wrapped(plot.footing.in(l), 112))
    out += text_at(20, y += 16, line, "class=\"foot\"");
  return out;
}

std::string grid(const Plot& plot, const Frame& f, Language l) {
  std::string out = text_at(20, f.top - 12, plot.y.in(l));
  const double step = step_of(f.y_high - f.y_low);
  for (double v = std::ceil(f.y_low / step) * step; v <= f.y_high + step * 1e-9; v += step) {
    out += fmt::format(
        "<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", left,
        f.x_end, f.y(v), f.y(v)
    );
    out += text_at(
        left - 8, f.y(v) + 4, figure(v, plot.y_shape, plot.y_digits, l), "text-anchor=\"end\""
    );
  }
  return out;
}

void widen(Frame& f, const Plot& plot) {
  bool first = true;
  double top = -1e300, low = 0;
  for (const Curve& c : plot.curves) {
    for (std::size_t i = 0; i < c.x.size(); ++i) {
      if (first) f.x_low = f.x_high = c.x[i], first = false;
      f.x_low = std::min(f.x_low, c.x[i]);
      f.x_high = std::max(f.x_high, c.x[i]);
      top = std::max({top, c.y[i], i < c.high.size() ? c.high[i] : c.y[i]});
      low = std::min({low, c.y[i], i < c.low.size() ? c.low[i] : c.y[i]});
    }
  }
  f.y_low = low;
  f.y_high = top > low ? low + (top - low) * 1.04 : low + 1;
  if (!(f.x_high > f.x_low)) f.x_high = f.x_low + 1;
}

std::string path_of(const Curve& c, const Frame& f, const std::vector<double>& ys) {
  std::string out;
  for (std::size_t i = 0; i < c.x.size(); ++i) {
    if (c.steps && i > 0) out += fmt::format("L{:.1f} {:.1f}", f.x(c.x[i]), f.y(ys[i - 1]));
    out += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", f.x(c.x[i]), f.y(ys[i]));
  }
  return out;
}

/// The names of the curves, one under the other, where there is no room at their ends.
std::string legend(const Plot& plot, Language l, double& y) {
  std::string out;
  for (const Curve& c : plot.curves) {
    y += 18;
    out += fmt::format(
        "<path stroke=\"{}\" stroke-width=\"2\"{} d=\"M20 {:.1f}h24\"/>", colour(c.ink),
        c.dashed ? " stroke-dasharray=\"6 4\"" : "", y - 4
    );
    out += text_at(52, y, c.label.in(l), c.ink == Ink::accent ? "class=\"strong\"" : "");
  }
  return out;
}

std::string curves(const Plot& plot, Language l, const Sheet& sheet, double& y) {
  const bool at_ends = sheet.width >= narrow;
  std::string out = at_ends ? "" : legend(plot, l, y);
  Frame f;
  f.top = y + 40;
  f.bottom = f.top + (at_ends ? 260 : 200);
  f.x_end = sheet.width - right - (at_ends ? label_room : 0);
  widen(f, plot);
  out += grid(plot, f, l);
  for (const Curve& c : plot.curves) {
    if (c.low.empty()) continue;
    Curve back = c;
    std::ranges::reverse(back.x);
    back.steps = false;
    auto high = c.high;
    std::ranges::reverse(high);
    std::string edge = path_of(back, f, high);
    edge[0] = 'L';
    Curve forth = c;
    forth.steps = false;
    out += fmt::format("<path fill=\"var(--band)\" d=\"{}{}Z\"/>", path_of(forth, f, c.low), edge);
  }
  std::vector<std::pair<double, const Curve*>> ends;
  for (const Curve& c : plot.curves) {
    out += fmt::format(
        "<path fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{} d=\"{}\"/>", colour(c.ink),
        c.dashed ? " stroke-dasharray=\"6 4\"" : "", path_of(c, f, c.y)
    );
    if (!c.x.empty()) ends.emplace_back(f.y(c.y.back()), &c);
  }
  std::ranges::sort(ends, {}, &std::pair<double, const Curve*>::first);
  double last = -100;
  for (auto& [at, c] : ends) {  // names do not cover each other
    if (!at_ends) break;
    last = std::max(at + 4, last + 15);
    out += text_at(
        f.x(c->x.back()) + 8, last, c->label.in(l), c->ink == Ink::accent ? "class=\"strong\"" : ""
    );
  }
  const auto x_text = [&](double v) {
    return plot.x_is_day ? date_text(static_cast<int>(v))
                         : figure(v, Shape::plain, f.x_high - f.x_low < 4 ? 1 : 0, l);
  };
  for (const double part : {0.0, 0.5, 1.0}) {
    const double v = f.x_low + part * (f.x_high - f.x_low);
    out += text_at(
        f.x(v), f.bottom + 18, x_text(v),
        part == 0 ? "" : (part == 1 ? "text-anchor=\"end\"" : "text-anchor=\"middle\"")
    );
  }
  if (at_ends) out += text_at(f.x_end + 8, f.bottom + 18, plot.x.in(l));
  y = f.bottom + 22;
  return out;
}

/// Lying bars, for names of any length; all begin at zero.
std::string bars(const Plot& plot, Language l, const Sheet& sheet, double& y) {
  constexpr double row = 28;
  const double names = sheet.width < narrow ? 140 : 200;
  double low = 0, high = 0;
  for (const Bar& b : plot.bars) {
    low = std::min({low, b.value, b.low});
    high = std::max({high, b.value, b.high});
  }
  if (!(high > low)) high = low + 1;
  const double from = 20 + names, to = sheet.width - right - (sheet.width < narrow ? 40 : 84);
  const auto x = [&](double v) { return from + (v - low) / (high - low) * (to - from); };
  std::string out = text_at(20, y += 28, plot.y.in(l));
  y += 8;
  for (const Bar& b : plot.bars) {
    const double middle = y + row / 2;
    out += text_at(20, middle + 4, b.label.in(l), b.ink == Ink::accent ? "class=\"strong\"" : "");
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"16\" fill=\"{}\"/>",
        std::min(x(0), x(b.value)), middle - 8, std::fabs(x(b.value) - x(0)), colour(b.ink)
    );
    if (b.low < b.high)
      out += fmt::format(
          "<path class=\"whisker\" d=\"M{0:.1f} {2:.1f}H{1:.1f}M{0:.1f} {3:.1f}V{4:.1f}M{1:.1f} "
          "{3:.1f}V{4:.1f}\"/>",
          x(b.low), x(b.high), middle, middle - 4, middle + 4
      );
    out += text_at(
        std::max({x(b.value), x(b.high), x(0)}) + 8, middle + 4,
        figure(b.value, plot.y_shape, plot.y_digits, l)
    );
    y += row;
  }
  out += fmt::format(
      "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>", x(0),
      y - row * static_cast<double>(plot.bars.size()), y
  );
  return out;
}

/// From left to right, the height of a band is how many people passed (Sankey).
std::string flows(const Plot& plot, Language l, const Sheet& sheet, double& y) {
  constexpr double height = 320, gap = 8, box = 10;
  double people = 0;
  std::vector<std::string> sources, goals;
  const auto add = [](std::vector<std::string>& list, const std::string& name) {
    if (std::ranges::find(list, name) == list.end()) list.push_back(name);
  };
  for (const Flow& f : plot.flows) people += f.people, add(sources, f.from), add(goals, f.to);
  if (people <= 0) return {};
  const double most = static_cast<double>(std::max(sources.size(), goals.size()));
  const double unit = (height - gap * most) / people;
  const double x1 = 190, x2 = sheet.width - 190;
  const double top = y + 24;
  std::string out;
  const auto place = [&](const std::vector<std::string>& names, bool from, double at_x) {
    std::vector<double> tops;
    double at = top;
    for (const std::string& name : names) {
      double sum = 0;
      for (const Flow& f : plot.flows) sum += (from ? f.from : f.to) == name ? f.people : 0;
      tops.push_back(at);
      out += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\" fill=\"var(--accent)\"/>",
          at_x, at, box, std::max(1.0, sum * unit)
      );
      out += text_at(
          from ? at_x - 8 : at_x + box + 8, at + sum * unit / 2 + 4,
          fmt::format("{}  {}", name, figure(sum, Shape::whole, 0, l)),
          from ? "text-anchor=\"end\"" : ""
      );
      at += sum * unit + gap;
    }
    return tops;
  };
  auto left_at = place(sources, true, x1), right_at = place(goals, false, x2);
  for (const Flow& f : plot.flows) {
    auto& a =
        left_at[static_cast<std::size_t>(std::ranges::find(sources, f.from) - sources.begin())];
    auto& b = right_at[static_cast<std::size_t>(std::ranges::find(goals, f.to) - goals.begin())];
    const double half = f.people * unit / 2, middle = (x1 + box + x2) / 2;
    out += fmt::format(
        "<path fill=\"none\" stroke=\"var(--second)\" stroke-opacity=\"0.6\" "
        "stroke-width=\"{:.1f}\" d=\"M{:.1f} "
        "{:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}\"/>",
        std::max(0.5, half * 2), x1 + box, a + half, middle, a + half, middle, b + half, x2,
        b + half
    );
    a += half * 2;
    b += half * 2;
  }
  y = top + height;
  return out;
}

}  // namespace

std::string svg(const Plot& plot, Language language, const Sheet& sheet) {
  double y = sheet.words ? 12 : 0;
  std::string body;
  if (sheet.words) body += heading(plot, language, y);
  if (!plot.curves.empty()) body += curves(plot, language, sheet, y);
  if (!plot.bars.empty()) body += bars(plot, language, sheet, y);
  if (!plot.flows.empty()) body += flows(plot, language, sheet, y);
  if (sheet.words) body += footing(plot, language, y);
  y += sheet.words ? 20 : 8;
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\" "
      "lang=\"{2}\" aria-labelledby=\"t d\"><title id=\"t\">{3}</title><desc id=\"d\">{4}</desc>{5}"
      "<rect width=\"100%\" height=\"100%\" fill=\"var(--surface)\"/>{6}</svg>\n",
      sheet.width, y, language == Language::fr ? "fr" : "en", escaped(plot.title.in(language)),
      escaped(plot.footing.in(language)), styles(sheet.theme), body
  );
}

}  // namespace hospes::insight
