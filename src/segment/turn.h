// One call of the engine on one page. Private to the room.
//
// What a flip of an atom can do to a segment is known from its polarity: one that helps can only
// make a member of somebody who is none. So a segment is judged only when a flip could change its
// membership and its static tests leave it open; and an instant is waited for only if, besides,
// time alone could turn the whole predicate: no other clause is false until something happens. What
// was not waited for is planned anew when a flip could open the way again, or an atom that stood
// still begins to wait for an instant.
#pragma once

#include <boost/container/small_vector.hpp>

#include "segment/engine.h"
#include "segment/plan.h"

namespace hospes::segment {

class Turn {
 public:
  Turn(const Definitions& definitions, const Plan& plan, Page& page, Instant now);

  void rebuild(const Person& person, Cause cause, Flips& out);
  Added add(const Seen& event, std::uint64_t kinds, Flips& out);
  Added fire(Flips& out);

 private:
  template <class T, std::size_t N>
  using Few = boost::container::small_vector<T, N>;
  enum class Known : std::uint8_t { no, yes, open };

  /// A group of the page, with its bits; the word before them is its head.
  struct View {
    const Group* group = nullptr;
    std::uint64_t* bits = nullptr;

    GroupIndex index() const { return static_cast<GroupIndex>(bits[-1] >> 32); }
    std::uint32_t first_cell() const { return static_cast<std::uint32_t>(bits[-1]); }
    bool get(std::size_t i) const { return (bits[i / 64] >> (i % 64) & 1) != 0; }
    void set(std::size_t i, bool on) {
      const std::uint64_t mask = std::uint64_t{1} << (i % 64);
      bits[i / 64] = on ? bits[i / 64] | mask : bits[i / 64] & ~mask;
    }
    std::size_t static_bit(Local atom) const { return group->statics_at + atom; }
    std::size_t open_bit(Local program) const { return group->open_at + program; }
    std::size_t in_bit(Local program) const { return group->in_at + program; }
  };
  /// A segment to be planned, and perhaps to be judged before.
  struct Called {
    Rank rank = 0;
    std::uint32_t view = 0;
    Local program = 0;
    bool judge = false;
  };
  /// A cell whose time has come, and what its atoms say now: in answers_ from `answers` on.
  struct Opened {
    std::uint32_t view = 0;
    Local stream = 0;
    std::uint32_t answers = 0;
  };
  /// An event's properties that some definition looks at, in the order of the body.
  struct Heard {
    std::uint32_t field = 0;
    Literal literal = no_literal;  // of a text
    ValueView value;
  };

  // What a page says (turn_answer.cc).
  Cell* cell(const View& view, Local stream) const;
  Cell& cell_for(View& view, Local stream);
  std::uint32_t cell_index(const View& view, Local stream) const;
  Local stream_of(const View& view, std::uint32_t cell) const;
  const Page::Trait* trait(std::uint32_t slot) const;
  bool static_truth(const Atom& atom) const;
  bool trait_passes(const Atom& atom, const Page::Trait& stored) const;
  Answer answer(const LocalAtom& atom, const Cell* cell, Instant now) const;
  Answer answer(const View& view, Local atom, Instant now) const;
  bool truth(const View& view, std::uint32_t op) const;
  /// When does an atom that answers `is` turn, up or down as asked? A lower bound; never() when
  /// time alone does not.
  Instant next_turn(const LocalAtom& atom, const Cell& cell, const Answer& is, bool up) const;
  /// What the static tests alone say; with `in_time` also those that time alone cannot turn.
  Known known(const View& view, std::uint32_t op, bool in_time) const;

  // What a flip does (turn.cc).
  void call(std::uint32_t view, Local program, bool judge);
  void call_rank(Rank rank);
  bool matters(const View& view, const Ask& ask, bool up) const;
  /// Does a segment ask it that its static tests leave open?
  bool anybody_asks(const View& view, Local atom) const;
  void flipped(std::uint32_t view, Local atom, bool up);
  void began_to_wait(std::uint32_t view, Local atom);
  void settle(Cause cause, Flips& out);
  void turn_member(SegmentIndex segment, bool in, Cause cause, Flips& out);
  void plan_ahead(const View& view, Local program);
  void lower(Instant due) { page_.due_ = std::min(page_.due_, due); }
  bool regroups(std::uint32_t slot, const Page::Trait* old, const Page::Trait* fresh) const;
  bool take_trait(std::uint32_t slot, const std::optional<Page::Trait>& fresh, Instant happened);
  bool take_traits(const Seen& event);
  void learn(std::uint32_t view, Local atom);
  void learn_trait(std::uint32_t view, std::uint32_t slot);
  bool asks_evaluator(const Seen& event) const;
  bool touch_streams(std::uint32_t view, const Seen& event);
  bool touch_stream(std::uint32_t view, Local stream, const Seen& event);
  void fire_cells();
  void fire_cell(std::uint32_t view, std::uint32_t index);
  Instant next_edge_of(const Opened& opened) const;
  Instant date_edge() const;

  // What an event touches (turn_match.cc).
  void hear(const Seen& event);
  const ValueView* heard(Name name) const;
  void match(const View& view, const Seen& event, Few<Local, 16>& out) const;
  bool selected(const LocalStream& stream, const Seen& event, bool verify) const;
  /// False: it has none, and is not in the sum.
  bool amount_of(const LocalStream& stream, std::int64_t& amount) const;

  // From scratch (turn_rebuild.cc).
  std::optional<Page::Trait> encode(std::uint32_t slot, const ValueView& value) const;
  void store(std::uint32_t slot, const std::optional<Page::Trait>& fresh);
  void read_traits(const Person& person);
  GroupIndex group_of(const Guard& guard, const Page::Trait* stored) const;
  void make_blocks();
  void look_at_page();
  void fill(std::uint32_t view);
  Local program_of(const View& view, SegmentIndex segment) const;
  void call_all();
  void refresh_open(View& view, Local program);
  void read_streams(const Person& person);
  void ask_evaluator(const Person& person);
  void leave_the_closed(Cause cause, Flips& out);

  const Definitions& definitions_;
  const Plan& plan_;
  Page& page_;
  Instant now_;
  Few<View, 6> views_;      // of the page's blocks
  Few<Called, 16> called_;  // ascending by rank, each once
  Few<Heard, 12> heard_;
  Few<Opened, 4> opened_;
  Few<Answer, 32> answers_;
};

}  // namespace hospes::segment
