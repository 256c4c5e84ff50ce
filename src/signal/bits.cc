#include "signal/bits.h"

#include <algorithm>

namespace hospes::signal {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned letter_bits = 6;

}  // namespace

std::optional<BitReader> BitReader::of(std::string_view letters) {
  BitReader out;
  out.bits_.reserve(letters.size() * letter_bits);
  for (const char c : letters) {
    const auto value = alphabet.find(c);
    if (value == alphabet.npos) return std::nullopt;
    for (unsigned bit = letter_bits; bit-- > 0;) out.bits_.push_back((value >> bit & 1) != 0);
  }
  return out;
}

std::uint64_t BitReader::take(unsigned n) {
  if (n > left()) {
    ok_ = false;
    at_ = bits_.size();
    return 0;
  }
  std::uint64_t out = 0;
  for (; n > 0; --n) out = out << 1 | static_cast<std::uint64_t>(bits_[at_++]);
  return out;
}

bool BitReader::padded(std::size_t bits_max) const {
  return left() < bits_max &&
         std::none_of(bits_.begin() + static_cast<std::ptrdiff_t>(at_), bits_.end(), [](bool b) {
           return b;
         });
}

void BitWriter::put(std::uint64_t value, unsigned n) {
  while (n-- > 0) bits_.push_back((value >> n & 1) != 0);
}

std::string BitWriter::letters() const {
  std::string out;
  for (std::size_t i = 0; i < bits_.size(); i += letter_bits) {
    std::size_t value = 0;
    for (std::size_t bit = i; bit < i + letter_bits; ++bit)
      value = value << 1 | static_cast<std::size_t>(bit < bits_.size() && bits_[bit]);
    out += alphabet[value];
  }
  return out;
}

}  // namespace hospes::signal
