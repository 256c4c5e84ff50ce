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
  std::string event = "";  // only events of that name; empty: all
};

/// A packed body as one flat JSON object, names as the catalogue has them.
std::string properties_json(std::string_view body, const Names& names, seal::KeyStore& keys);

class Portrait {
 public:
  /// `asked`: as the person was asked for, for the links. `real_only`: without what came from
  /// sources of invented people, and what only they could tell.
  Portrait(const ConsoleDoors& doors, const Met& met, std::string asked, bool real_only);

  /// Nothing when all of the person is invented and only the real is asked for.
  std::optional<std::string> whole(const TimelinePage& page) const;
  /// `text`: en or fr, as a person reads it; else JSON.
  std::string why(segment::SegmentIndex segment, const std::optional<std::string>& text) const;

 private:
  struct Shown {
    const Moment* moment = nullptr;
    const Timeline* timeline = nullptr;
    Mask visible = 0;
    std::optional<Instant> kept_until;  // by the schedules of the house
  };
  std::vector<Shown> moments() const;
  std::string identifiers() const;
  std::string evidence(AtomId atom) const;
  std::string traits(const std::vector<Shown>& moments) const;
  std::string permissions() const;
  std::string answers(PurposeBit purpose) const;
  std::string segments() const;
  std::string segment(segment::SegmentIndex index, std::optional<Instant> since) const;
  std::string timeline(std::span<const Shown> shown) const;
  std::string moment(const Shown& shown) const;

  const ConsoleDoors& doors_;
  const Met& met_;
  const std::string asked_;
  const bool real_only_;
  const Instant now_;  // the partition's clock, or ours when it is later
  const consent::Lens lens_;
};

/// One moment's visible purposes by name, as a JSON list.
std::string purpose_names(const catalog::Purposes& purposes, Mask mask);

}  // namespace hospes::portal
