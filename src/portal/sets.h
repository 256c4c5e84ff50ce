// Set algebra over segments: `in segment a and not (in segment b or in segment c)`. Private to portal/.
#pragma once

#include <functional>
#include <memory>
#include <roaring.hh>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/state.h"
#include "segment/engine.h"
#include "segment/evaluate.h"

namespace hospes::portal {

/// A combination of the segments in force, to be asked of every partition.
class SetQuestion {
 public:
  /// `where` in the language of segments, of `in segment`, `and`, `or`, `not` and parentheses alone.
  /// invalid_input with the place; also when it would name people by nothing but what they are not.
  static Result<SetQuestion> parse(std::string_view where, const segment::Definitions& definitions);

  /// Dense ids of one partition. Cost: that of the bitmaps it names.
  roaring::Roaring members(const flow::PartitionState& state, bool real_only) const;
  /// How many those are, without making the last of them.
  std::uint64_t count(const flow::PartitionState& state, bool real_only) const;

  /// Of one person, by what they are in.
  bool holds(const std::function<bool(segment::SegmentIndex)>& in) const { return holds(root_, in); }

  const std::string& text() const { return text_; }            // canonical
  const std::vector<segment::SegmentIndex>& named() const { return named_; }  // each once, in order

 private:
  struct Part {
    enum Kind : std::uint8_t { segment, negation, all, any } kind = segment;
    segment::SegmentIndex index = 0;
    std::vector<Part> of;
  };
  class Reader;
  /// A set, or all but a set.
  struct Value {
    roaring::Roaring own;
    const roaring::Roaring* lent = nullptr;  // instead of `own`
    bool all_but = false;

    const roaring::Roaring& set() const { return lent != nullptr ? *lent : own; }
    void meet(Value& other);
  };
  static bool holds(const Part& part, const std::function<bool(segment::SegmentIndex)>& in);
  static Value value(const Part& part, const flow::PartitionState& state);

  Part root_;
  std::string text_;
  std::vector<segment::SegmentIndex> named_;
};

struct ConsoleDoors;

/// A question about the definitions in force, which live as long as it does.
struct SetAsked {
  std::shared_ptr<const segment::Engine> engine;
  SetQuestion question;

  /// invalid_input when its segments serve several purposes: to list people, one may not be lent what
  /// another knows.
  Status one_purpose() const;
  /// Of the first segment named.
  const segment::Definition& first() const {
    return engine->definitions().at(question.named().front()).definition;
  }
};
Result<SetAsked> set_asked(const ConsoleDoors& doors, std::string_view where);

}  // namespace hospes::portal
