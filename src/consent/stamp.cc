#include "consent/stamp.h"

#include <algorithm>
#include <bit>

namespace hospes::consent {
namespace {

/// What the event's own word opens. A server's word opens what rests on an answer; a public key's
/// only device purposes of an anonymous visitor, and only where the source trusts its consent tool.
Mask opened_by_signal(const Question& q) {
  const Mask answerable = q.purposes.consent() | q.purposes.interest();
  if (q.key == catalog::KeyUse::server_key) return q.signal.yes & answerable;
  const bool anonymous = !q.named.empty() && std::ranges::all_of(q.named, [](const Named& n) {
    return n.atom.kind == catalog::kind::anonymous_id;
  });
  const Mask own = anonymous && q.source.trusted ? q.signal.yes & q.purposes.on_device() & ~q.signal.voided : 0;
  return own | (q.signal.carried & answerable);
}

/// Purposes of interest, contract and duty, and a login's own join.
Mask opened_without_answer(const Question& q) {
  Mask out = q.purposes.heedless() | (q.purposes.interest() & q.source.without_answer);
  const auto link = q.purposes.find("link");
  if (q.attested_login && link) out |= bit(*link);
  return out;
}

/// Purposes for which this kind of event may be kept at all.
Mask allowed_by_catalogue(const Question& q) {
  return (~q.purposes.catalogued_only() | q.event.serves) & ~q.purposes.retired();
}

Instant last(const Question& q) { return std::max(q.start, q.receipt); }

/// Purposes closed by an answer in force between start and receipt. The ledger is read as it
/// stands: a row that the door already knows counts even when its clock is a little ahead.
Mask closed_by_answers(const Question& q) {
  Mask out = 0;
  for (const Named& n : q.named) {
    if (n.ledger == nullptr) continue;
    for (const Standing& s : n.ledger->standings()) {
      if (q.start <= s.closed_through && s.closed_through != Instant::beginning()) {
        out |= bit(s.purpose);
      }
    }
  }
  return out & ~q.purposes.heedless();
}

/// The named atom whose unbroken yes covers the event and lasts longest; nullptr when there is
/// none.
const Named* opener(const Question& q, PurposeBit purpose) {
  const Named* best = nullptr;
  Instant end = Instant::beginning();
  for (const Named& n : q.named) {
    const Standing* s = n.ledger != nullptr ? n.ledger->standing(purpose) : nullptr;
    if (s == nullptr || !s->yes_over(q.start, last(q)) || s->yes_end <= end) continue;
    best = &n;
    end = s->yes_end;
  }
  return best;
}

/// Every named atom whose unbroken yes covers the event: `link` is judged on the two ends of each
/// edge, so each must be known.
void open_link(const Question& q, PurposeBit link, Stamp& out) {
  for (const Named& n : q.named) {
    const Standing* s = n.ledger != nullptr ? n.ledger->standing(link) : nullptr;
    if (s == nullptr || !s->yes_over(q.start, last(q))) continue;
    out.mask |= bit(link);
    out.opened.push_back({link, n.atom.id});
  }
}

Mask answered(const Question& q) {
  Mask out = 0;
  for (const Named& n : q.named) {
    if (n.ledger == nullptr) continue;
    for (const Standing& s : n.ledger->standings()) out |= bit(s.purpose);
  }
  return out;
}

}  // namespace

Signal read_signal(
    const catalog::Source& source, const catalog::Purposes& purposes,
    std::span<const Preference> preferences, bool gpc, bool unreadable
) {
  Signal out;
  for (const Preference& p : preferences) {
    (p.allowed ? out.yes : out.no) |= source.category(p.category, purposes);
  }
  if (gpc) out.no |= purposes.gpc();
  out.unread = unreadable;
  if (unreadable) out.no |= purposes.all() & ~purposes.heedless();
  out.yes &= ~out.no;
  return out;
}

Stamp stamp(const Question& q) {
  Stamp out;
  const Mask possible =
      q.purposes.all() & allowed_by_catalogue(q) & ~q.signal.no & ~closed_by_answers(q);
  out.mask = possible & (opened_without_answer(q) | opened_by_signal(q));
  Mask rest = possible & ~out.mask & answered(q);
  const auto link = rest != 0 ? q.purposes.find("link") : std::nullopt;
  for (; rest != 0; rest &= rest - 1) {
    const auto p = static_cast<PurposeBit>(std::countr_zero(rest));
    if (p == link) {
      open_link(q, p, out);
      continue;
    }
    const Named* by = opener(q, p);
    if (by == nullptr) continue;
    out.mask |= bit(p);
    out.opened.push_back({p, by->atom.id});
  }
  out.catalogued_fields_only = (out.mask & ~q.purposes.catalogued_only()) == 0;
  return out;
}

namespace {

Why why(const Question& q, PurposeBit p) {
  if ((allowed_by_catalogue(q) & bit(p)) == 0) return Why::not_catalogued;
  if ((q.signal.no & bit(p)) != 0) return q.signal.unread ? Why::unread : Why::signal;
  if ((closed_by_answers(q) & bit(p)) != 0) return Why::against;
  Why out = (q.purposes.interest() & bit(p)) != 0 ? Why::source_silent : Why::no_answer;
  for (const Named& n : q.named) {
    const Standing* s = n.ledger != nullptr ? n.ledger->standing(p) : nullptr;
    if (s == nullptr || s->state != Answer::given) continue;
    out = last(q) >= s->yes_end ? Why::yes_ended : Why::yes_too_late;
  }
  const bool voided = (q.signal.yes & q.signal.voided & bit(p)) != 0;
  return out == Why::no_answer && voided ? Why::notice : out;
}

}  // namespace

std::vector<Missing> missing(const Question& q) {
  std::vector<Missing> out;
  const Mask set = stamp(q).mask;
  for (const catalog::Purpose& row : q.purposes.rows()) {
    if ((set & bit(row.ordinal)) == 0) out.push_back({row.ordinal, why(q, row.ordinal)});
  }
  return out;
}

std::string_view to_string(Why why) {
  switch (why) {
    case Why::no_answer:
      return "no_answer";
    case Why::against:
      return "against";
    case Why::yes_too_late:
      return "yes_too_late";
    case Why::yes_ended:
      return "yes_ended";
    case Why::signal:
      return "signal";
    case Why::unread:
      return "unread";
    case Why::not_catalogued:
      return "not_catalogued";
    case Why::notice:
      return "notice";
    case Why::source_silent:
      return "source_silent";
  }
  return "unknown";
}

std::string explain(const Missing& m, const Question& q) {
  const std::string name = q.purposes.at(m.purpose).name;
  switch (m.why) {
    case Why::no_answer:
      return name +
             ": no answer, and unset is no under consent; send consent with the event, or record a "
             "yes with a "
             "server key";
    case Why::against:
      return name + ": an answer against was in force when it happened or came";
    case Why::yes_too_late:
      return name + ": the yes does not reach back to when it happened";
    case Why::yes_ended:
      return name + ": the yes had ended; it must be given anew";
    case Why::signal:
      return name + ": the event itself says no";
    case Why::unread:
      return name +
             ": the event bears a consent token that this house did not give this device, or a "
             "consent string that does not hold (hospes signal says why), and that is never taken "
             "for silence; send categoryPreferences instead, or record the answer with a server "
             "key at /v1/consent";
    case Why::not_catalogued:
      return name + ": the catalogue does not list it for this event; see events.toml, serves";
    case Why::notice:
      return name + ": the consent tool asks under a notice that the law does not accept, so its yes "
                    "counts for nothing; hospes notices says what to change";
    case Why::source_silent:
      return name + ": source \"" + q.source.name + "\" does not list it under without_answer";
  }
  return name;
}

}  // namespace hospes::consent
