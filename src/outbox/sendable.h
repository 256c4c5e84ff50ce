// What may be sent: a plan that met a permit of its own. A sender takes nothing else, so nothing
// leaves without one.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "outbox/permit.h"

namespace hospes::outbox {

/// Data: the content of one effect, ready to be signed, and not to be read by a sender.
class Plan {
 public:
  Plan(Hash128 effect, std::string content) : effect_(effect), content_(std::move(content)) {}

  Hash128 effect() const { return effect_; }
  std::size_t content_bytes() const { return content_.size(); }
  /// What a signature over the content comes to; `sign` sees it, and keeps nothing.
  template <class Sign>
  std::string signed_by(const Sign& sign) const {
    return sign(std::string_view(content_));
  }

 private:
  friend class Sendable;
  Hash128 effect_;
  std::string content_;
};

class Sendable {
 public:
  /// Precondition: the permit is of this plan's effect.
  Sendable(Plan&& plan, Permit&& permit) : plan_(std::move(plan)), permit_(std::move(permit)) {
    check(plan_.effect_ == permit_.effect(), "a permit is of one effect");
  }
  Sendable(Sendable&&) noexcept = default;
  Sendable& operator=(Sendable&&) noexcept = default;

  std::string_view content() const { return plan_.content_; }
  const Permit& permit() const { return permit_; }

 private:
  Plan plan_;
  Permit permit_;
};

}  // namespace hospes::outbox
