// Those who did not respond: of people whom we were permitted to reach and did reach, which
// segments answered less, or more, than the rest, once one has looked at all of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "insight/chance.h"

namespace hospes::insight {

struct Reached {
  std::vector<std::uint32_t> segments;  // each once
  bool responded = false;
};

struct SegmentResponse {
  std::uint32_t segment = 0;
  std::uint64_t reached = 0, responded = 0;
  double expected = 0;  // responses, had they answered like everybody
  Interval i95;         // of their rate
  double p = 1, p_bh = 1;
  bool stands_out = false;
};
struct Responses {
  std::uint64_t reached = 0, responded = 0;
  std::vector<SegmentResponse> segments;
};
/// Exact tests (hypergeometric: responses shuffled over the reached), Benjamini-Hochberg at
/// `level`. Segments of nobody or of everybody are told, not tested.
Responses responses(std::span<const Reached> people, std::size_t segments, double level = .05);

/// The lowest response rate of a segment of `n` among many that would stand out four times in five,
/// when the rest answers at `rate` and `tests` segments are looked at; 0 when none would.
double visible_below(double rate, double n, double tests, double level = .05);

}  // namespace hospes::insight
