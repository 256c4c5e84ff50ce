#include "segment/sphere.h"

namespace hospes::segment {

namespace {

constexpr int bits = 60;
constexpr std::int64_t right_angle = 90'000'000;  // in millionths of a degree
// π / 180 / 10⁶ × 2¹⁰⁰
constexpr Wide radian = (static_cast<Wide>(1'199) << 64) | static_cast<Wide>(7'030'594'487'232'966'240ULL);
constexpr std::int64_t radius_um = 6'371'008'800'000;

constexpr Wide times(Wide a, Wide b) { return (a * b) >> bits; }

/// Of an angle × 2⁶⁰ within ±π/2: its Taylor series, whose 14th term is below 2⁻⁶⁰.
Wide sine(Wide angle) {
  const Wide square = times(angle, angle);
  Wide term = angle;
  Wide sum = angle;
  for (int i = 1; i < 14; ++i) {
    term = -times(term, square) / (2 * i * (2 * i + 1));
    sum += term;
  }
  return sum;
}

Wide sine_of(std::int64_t micro_degrees) { return sine((micro_degrees * radian) >> (100 - bits)); }
Wide cosine_of(std::int64_t micro_degrees) {
  return sine_of(right_angle - (micro_degrees < 0 ? -micro_degrees : micro_degrees));
}

}  // namespace

bool direction(Decimal north, Decimal east, Direction& out) {
  const std::int64_t lat = north.micro;
  std::int64_t lon = east.micro;
  if (lat > right_angle || lat < -right_angle || lon > 2 * right_angle || lon < -2 * right_angle)
    return false;
  // The far half is the near half, turned round.
  const bool far = lon > right_angle || lon < -right_angle;
  if (far) lon = (lon > 0 ? 2 : -2) * right_angle - lon;
  const Wide wide = cosine_of(lat);
  out = {times(wide, cosine_of(lon)), times(wide, sine_of(lon)), sine_of(lat)};
  if (far) out.x = -out.x;
  return true;
}

Wide chord_squared(Decimal metres) {
  const Wide half = (static_cast<Wide>(metres.micro) << bits) / (2 * static_cast<Wide>(radius_um));
  const Wide chord = 2 * sine(half);
  return chord * chord;
}

Wide chord_squared(const Direction& a, const Direction& b) {
  const Wide x = a.x - b.x;
  const Wide y = a.y - b.y;
  const Wide z = a.z - b.z;
  return x * x + y * y + z * z;
}

}  // namespace hospes::segment
