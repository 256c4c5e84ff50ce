// A repair of many letters at once: JSON Patch (RFC 6902), and one operation of ours that turns a
// text into the number it was meant to be, or a number into its text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hospes::dead_letter {

class Repair {
 public:
  static constexpr std::size_t operations_max = 64;

  /// Changes nothing.
  Repair();
  /// `[{"op":"move","from":"/properties/totl","path":"/properties/total"}, …]`. invalid_input says
  /// which operation is wrong, and how.
  static Result<Repair> parse(std::string_view json);
  Repair(Repair&&) noexcept;
  Repair& operator=(Repair&&) noexcept;
  ~Repair();

  /// The item, repaired; its numbers keep 17 digits. invalid_input when an operation does not fit:
  /// nothing is at its path, or what is there is no number.
  Result<std::string> apply(std::string_view item) const;
  bool empty() const;
  /// Whether it touches the event's times.
  bool retimes() const;

 private:
  struct Operations;
  std::unique_ptr<const Operations> operations_;
};

}  // namespace hospes::dead_letter
