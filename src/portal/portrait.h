// One person as JSON: what the profile shows. Private to portal/; used on the partition's thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consent/lens.h"
#include "portal/console.h"
#include "portal/people.h"

namespace hospes::portal {

/// Where a page of the timeline goes on: behind this moment, towards the past.
struct TimelineCursor {
  Instant happened = Instant::never();
  Hash128 message{~std::uint64_t{0}, ~std::uint64_t{0}};
};
std::string cursor_text(const TimelineCursor& cursor);
std::optional<TimelineCursor> parse_cursor(std::string_view text);

struct TimelinePage {
  TimelineCursor after;
  std::size_t limit = 0;
};

class Portrait {
 public:
  /// `asked`: as the person was asked for, for the links.
  Portrait(const ConsoleDoors& doors, const Met& met, std::string asked);

  std::string whole(const TimelinePage& page) const;
  /// `text`: en or fr, as a person reads it; else JSON.
  std::string why(segment::SegmentIndex segment, const std::optional<std::string>& text) const;

 private:
  struct Shown {
    const Moment* moment = nullptr;
    const Timeline* timeline = nullptr;
    Mask visible = 0;
  };
  std::vector<Shown> moments() const;
  std::string identifiers() const;
  std::string evidence(AtomId atom) const;
  std::string traits(const std::vector<Shown>& moments) const;
  std::string permissions() const;
  std::string answers(PurposeBit purpose) const;
  std::string segments() const;
  std::string timeline(std::span<const Shown> shown) const;
  std::string moment(const Shown& shown) const;
  std::string value_text(const ValueView& value) const;

  const ConsoleDoors& doors_;
  const Met& met_;
  const std::string asked_;
  const consent::Lens lens_;
};

/// One moment's visible purposes by name, as a JSON list.
std::string purpose_names(const catalog::Purposes& purposes, Mask mask);

}  // namespace hospes::portal
