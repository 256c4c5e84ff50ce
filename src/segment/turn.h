// One call of the engine on one page. Private to the room.
#pragma once

#include <boost/container/small_vector.hpp>

#include "segment/engine.h"
#include "segment/plan.h"

namespace hospes::segment {

class Turn {
 public:
  Turn(const Definitions& definitions, const Plan& plan, Page& page, Instant now)
      : definitions_(definitions), plan_(plan), page_(page), now_(now) {}

  void rebuild(const Person& person, Cause cause, Flips& out);
  Added add(const Seen& event, std::uint64_t kinds, Flips& out);
  Added fire(Flips& out);

 private:
  template <class T, std::size_t N>
  using Few = boost::container::small_vector<T, N>;
  enum class Known : std::uint8_t { no, yes, open };

  struct Touched {
    const Use* use = nullptr;
    std::uint32_t stream = 0;
    Answer before;
  };

  // What a page says (turn_answer.cc).
  const Cell* cell(std::uint32_t stream) const;
  Cell& cell_for(std::uint32_t stream);
  const Page::Trait* trait(std::uint32_t slot) const;
  Answer answer(const Atom& atom, Instant now) const;
  Answer answer(const Atom& atom, const Cell* cell, Instant now) const;
  bool trait_passes(const Atom& atom, const Page::Trait& cell) const;
  bool truth(const Program& program, std::uint32_t op) const;
  /// Could time alone turn it? Atoms that time can turn, and other segments, are left open.
  Known known(const Program& program, std::uint32_t op) const;
  bool is_live(const Program& program) const;

  // What an event or an instant does to it (turn.cc).
  void call(Rank rank);
  void call(const Use& use) {
    for (const Rank r : use.segments) call(r);
  }
  void settle(Cause cause, Flips& out);
  void turn_member(SegmentIndex segment, bool in, Cause cause, Flips& out);
  void schedule(const Program& program);
  void lower(Instant due) {
    if (due < page_.due_) page_.due_ = due;
  }
  bool asks_evaluator(const Seen& event) const;
  bool matches(const Stream& stream, const Seen& event) const;
  bool take_traits(const Seen& event);
  void touch_traits(std::uint32_t slot, const std::optional<Page::Trait>& fresh);
  void gather_streams(const Seen& event);
  bool insert(const Seen& event);
  Instant relevant_edge(const Cell& cell) const;
  Instant date_edge() const;

  // From scratch (turn_rebuild.cc).
  std::optional<Page::Trait> encode(std::uint32_t slot, const ValueView& value) const;
  void read_traits(const Person& person);
  void find_groups();
  GroupIndex group_of(const Guard& guard, const Page::Trait& cell) const;
  void read_streams(const Person& person);
  void ask_evaluator(const Person& person);

  const Definitions& definitions_;
  const Plan& plan_;
  Page& page_;
  Instant now_;
  Few<Rank, 32> agenda_;  // ascending, each once
  Few<Touched, 64> touched_;
  Few<std::uint32_t, 16> streams_;  // touched, each once
};

}  // namespace hospes::segment
