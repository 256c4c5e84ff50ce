// What the senders of each source say, property by property: which type each has, and when a live
// sender changes it. Names, types, counts and one messageId; no value is kept.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "catalog/catalog.h"
#include "collect/shape_memory.h"
#include "model/names.h"
#include "model/value.h"

namespace hospes::collect {

/// Nothing for null, which says nothing about a type.
std::optional<ShapeType> shape_type(const ValueView& value);
/// Whether a value is what the catalogue says of its property. A reference may also be a number.
bool fits(const catalog::PropertyRow& row, const ValueView& value);

/// One property of an event, as it was said.
struct SaidProperty {
  Name name = no_name;
  ShapeType type = ShapeType::text;
  const catalog::PropertyRow* row = nullptr;  // the catalogue's word, if any
  bool fits = true;                           // that word
};

/// One event that may be kept.
struct SaidEvent {
  const catalog::Source& source;
  Name event = no_name;
  const catalog::EventRow& row;
  std::string_view message_id;
  Instant at;
  std::span<const SaidProperty> properties;
};

/// One thing that a source says otherwise than before, or than the catalogue.
struct Drift {
  enum class Kind : std::uint8_t { type, event, property } kind = Kind::type;
  std::string event, property;  // `event`: the catalogue knows no such event, `property` is empty
  std::string was, is;          // types; `was` is empty where there was no word before
  bool catalogued = false;      // whose word `was` is: the catalogue's, or what was heard first
  Instant first, last;
  std::string first_message;  // its messageId
  std::uint64_t times = 0;    // since the first, itself included
  std::uint64_t of = 0;       // all values of the property (events of the name) since then
  std::uint64_t per_min = 0;  // over the last minute
};
std::string_view to_string(Drift::Kind kind);

/// What one source was heard to say of one event.
struct HeardEvent {
  std::string event;
  bool catalogued = false;
  std::uint64_t events = 0;
  struct Property {
    std::string name;
    ShapeType type = ShapeType::text;  // the first that was heard
    std::uint64_t values = 0;
  };
  std::vector<Property> properties;  // by name
};

/// Fed by the door's thread, read by the console's. The word that counts is the catalogue's where the
/// source's mode is warn or strict and the catalogue has one; else the first that was heard, over a restart too
/// (shape_memory.h), until nobody said so for 30 days. Cost: one lock and one look-up per event, one more per property.
class Shapes {
 public:
  static constexpr std::size_t events_max = 8'192;       // of all sources
  static constexpr std::size_t properties_max = 65'536;  // of all events
  static constexpr std::size_t properties_each_max = 1'024;  // of one event of one source
  static constexpr std::size_t drifts_max = 256;         // of one source

  explicit Shapes(Names& names) : names_(names) {}

  void hear(const SaidEvent& said);
  /// What runs before this one heard. Before anything is heard.
  void recall(ShapeMemory memory);
  /// What is known now, when something of it is new since this was asked; to be written.
  std::optional<ShapeMemory> learnt();

  /// Of one source, the newest first.
  std::vector<Drift> drifts(std::string_view source, Instant now) const;
  /// Of one source, by event name.
  std::vector<HeardEvent> heard(std::string_view source) const;
  /// What a bound kept from being learnt or told, since the start.
  std::uint64_t beyond() const;

 private:
  struct Known {
    ShapeType type = ShapeType::text;
    std::int32_t day = 0;  // since 1970, on which it was last heard so
    std::uint64_t values = 0;
  };
  struct Form {
    bool catalogued = false;
    std::uint64_t events = 0;
    boost::unordered_flat_map<Name, Known> known;
  };
  struct Told {
    Drift what;
    Name event = no_name, property = no_name;
    std::uint64_t before = 0;  // values (events) when it was first told
    std::int64_t minute = 0;
    std::uint64_t in_minute = 0, in_last = 0;
  };
  struct OfSource {
    boost::unordered_flat_map<Name, Form> forms;  // by event
    std::vector<Told> told;
  };
  /// What a drift says, before it is one.
  struct Say {
    Drift::Kind kind = Drift::Kind::type;
    Name property = no_name;
    std::string_view was, is;
    bool catalogued = false;
    std::uint64_t seen = 0;  // values of the property (events of the name) so far
  };

  Form* form_of(OfSource& source, const SaidEvent& said);
  void judge(OfSource& source, Form& form, const SaidEvent& said, const SaidProperty& property);
  Known* known_of(OfSource& source, Form& form, const SaidEvent& said, const SaidProperty& property);
  bool under_scalar(OfSource& source, Form& form, const SaidEvent& said, std::string_view name);
  Known* scalar_of(Form& form, const SaidEvent& said, std::string_view name);
  void heard_so(Known& known, const SaidEvent& said, std::string_view name);
  bool has_parts(const Form& form, std::string_view name) const;
  void tell(OfSource& source, const SaidEvent& said, const Say& say);

  Names& names_;
  mutable std::mutex mutex_;
  ShapeMemory memory_;
  bool new_ = false;  // in memory_
  boost::unordered_flat_map<std::string, OfSource> sources_;
  std::size_t events_ = 0, properties_ = 0;
  std::uint64_t beyond_ = 0;
};

}  // namespace hospes::collect
