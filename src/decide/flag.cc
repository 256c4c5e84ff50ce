#include "decide/flag.h"

#include "decide/draw.h"

namespace hospes::decide {

FlagAnswer evaluate(const Definitions& definitions, const Flag& flag, const Subject& subject) {
  FlagAnswer out;
  out.value = &flag.values[flag.default_value];
  if (!flag.enabled) {
    out.reason = Reason::disabled;
    return out;
  }
  if (flag.rules.empty()) return out;
  out.reason = Reason::fallback;
  if (!subject.permits(*flag.use)) {
    out.reason = Reason::no_consent;
    if (subject.known) out.denied = subject.permission[*flag.use];
    return out;
  }
  for (const FlagRule& rule : flag.rules) {
    if (rule.segment) {
      if (!subject.in(*rule.segment)) continue;
      out.value = &flag.values[rule.value];
      out.reason = Reason::targeting_match;
      return out;
    }
    const Part part = part_of(definitions, rule.trial, subject);
    if (!part.in) continue;
    out.trial = &definitions.trials[rule.trial];
    out.part = part;
    out.reason = part.held ? Reason::holdout : Reason::split;
    out.propensity = certain / draws *
                     (part.held ? out.trial->share_held() : out.trial->share(part.variant));
    if (!part.held) out.value = &flag.values[rule.of_variant[part.variant]];
    return out;
  }
  return out;
}

Exposure exposure_of(const Flag& flag, const FlagAnswer& answer) {
  Exposure out;
  out.placement = flag.name;
  out.is_flag = true;
  out.items.push_back(answer.value->name);
  out.propensities.assign(out.items.size(), answer.propensity);
  out.reason = answer.reason;
  if (answer.trial != nullptr) {
    out.trial = answer.trial->name;
    out.trial_version = answer.trial->version;
    if (!answer.part.held) out.variant = answer.trial->variants[answer.part.variant].name;
  }
  return out;
}

}  // namespace hospes::decide
