#include "portal/called.h"

#include <array>
#include <string_view>

#include "flow/cold.h"
#include "flow/look.h"

namespace hospes::portal {
namespace {

constexpr std::size_t looked_at_max = 256;  // events at either end of a timeline

/// The spellings of the usual catalogue (catalog/usual_events.cc).
enum Part { whole, first, last, parts };
constexpr std::array<std::pair<std::string_view, Part>, 5> spellings = {{
    {"name", whole},
    {"firstName", first},
    {"first_name", first},
    {"lastName", last},
    {"last_name", last},
}};

struct Said {
  Instant at = Instant::beginning();
  std::string text;
};

class Call {
 public:
  Call(const Met& met, const Names& names, Mask heedless, bool real_only)
      : met_(met), real_only_(real_only), lens_(flow::lens_of(met.component, met.person, heedless)) {
    for (const auto& [spelling, part] : spellings)
      if (const Name name = names.find(spelling); name != no_name) names_.push_back({name, part});
  }

  void hear(const Timeline& held) {
    const auto moments = held.in_order();
    const std::size_t tail = std::min(moments.size(), looked_at_max);
    for (const Moment& m : moments.last(tail)) hear(held, m);
    for (const Moment& m : moments.first(std::min(moments.size() - tail, looked_at_max)))
      hear(held, m);
  }

  std::string text() const {
    if (!said_[whole].text.empty()) return said_[whole].text;
    const std::string& a = said_[first].text;
    const std::string& b = said_[last].text;
    return a.empty() || b.empty() ? a + b : a + " " + b;
  }

 private:
  void hear(const Timeline& held, const Moment& m) {
    if (m.type != EventType::identify) return;
    if (real_only_ && (m.flags & flag_simulated) != 0) return;
    if (lens_.visible(m, held.opened(m), met_.state.clock) == 0) return;
    for (PackedReader in(held.body(m)); in.next();) {
      for (const auto& [name, part] : names_) {
        if (in.name() != name || in.value().kind != ValueKind::text) continue;
        if (m.happened >= said_[part].at)
          said_[part] = {m.happened, std::string(in.value().text)};
      }
    }
  }

  const Met& met_;
  const bool real_only_;
  const consent::Lens lens_;
  std::vector<std::pair<Name, Part>> names_;
  std::array<Said, parts> said_;
};

}  // namespace

std::string called(const Met& met, const Names& names, Mask heedless, bool real_only) {
  Call call(met, names, heedless, real_only);
  for (const std::uint16_t i : met.person.atoms)
    call.hear(flow::timeline_of(met.state, met.component, met.component.atoms[i]));
  return call.text();
}

}  // namespace hospes::portal
