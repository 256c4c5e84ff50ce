// Bits, most significant first, spelled in the web-safe base64 alphabet without padding (RFC 4648
// section 5), six to a letter: the ground of TC and GPP strings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hospes::signal {

class BitReader {
 public:
  /// Nothing when a letter is not of the alphabet.
  static std::optional<BitReader> of(std::string_view letters);

  /// Precondition: n ≤ 64. Zero once the bits are used up; `ok()` is false then.
  std::uint64_t take(unsigned n);
  bool flag() { return take(1) != 0; }
  bool ok() const { return ok_; }
  std::size_t left() const { return bits_.size() - at_; }
  /// What is left is padding: zeros, fewer than `bits_max`.
  bool padded(std::size_t bits_max) const;

 private:
  std::vector<bool> bits_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

class BitWriter {
 public:
  void put(std::uint64_t value, unsigned n);
  void flag(bool value) { put(value ? 1 : 0, 1); }
  /// Filled up with zeros to whole letters.
  std::string letters() const;

 private:
  std::vector<bool> bits_;
};

}  // namespace hospes::signal
