// As few steps as still differ: what a generator found becomes something to read.
#pragma once

#include <cstddef>

namespace hospes::bench {

/// `life.steps` without every step whose absence `differs` survives, the first first. Calls it once a step.
template <class Life, class Differs>
Life shrunk(Life life, const Differs& differs) {
  for (std::size_t i = 0; i < life.steps.size();) {
    Life less = life;
    less.steps.erase(less.steps.begin() + static_cast<std::ptrdiff_t>(i));
    if (differs(less))
      life = std::move(less);
    else
      ++i;
  }
  return life;
}

}  // namespace hospes::bench
