#include "server/mail_known.h"

#include <algorithm>

#include "portal/people.h"

namespace hospes::server {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;

using Counted = mail::Complaints::Counted;

class Count {
 public:
  Count(const catalog::Actions& actions, Instant now) : actions_(actions), from_(now.us / day_us - mail::Complaints::days) {}

  void add(const portal::Place& place) {
    for (const outbox::Effect& e : place.atom.effects)
      if (is_marketing_mail(e)) ++at(e.destination, e.finished).sent;
    for (const consent::Row& row : place.atom.ledger.rows())
      if (row.source == "mail_complaint") ++at(written_by(place.component, row.acted), row.acted).complaints;
  }
  std::vector<Counted> done() {
    std::erase_if(all_, [&](const Counted& c) { return c.day <= from_ || c.destination.empty(); });
    return std::move(all_);
  }

 private:
  bool is_marketing_mail(const outbox::Effect& e) const {
    const catalog::Destination* to = actions_.destination(e.destination);
    return e.contact && e.state == outbox::State::done && to != nullptr && to->mail;
  }
  std::string written_by(const flow::Component& component, Instant before) const {
    const outbox::Effect* last = nullptr;
    for (const flow::AtomState& atom : component.atoms)
      for (const outbox::Effect& e : atom.effects)
        if (is_marketing_mail(e) && e.finished <= before && (last == nullptr || last->finished < e.finished))
          last = &e;
    if (last != nullptr) return last->destination;
    const auto first = std::ranges::find_if(actions_.destinations, [](const auto& d) { return d.mail.has_value(); });
    return first == actions_.destinations.end() ? "" : first->name;
  }
  Counted& at(const std::string& destination, Instant when) {
    const std::int64_t day = when.us / day_us;
    for (Counted& c : all_)
      if (c.destination == destination && c.day == day) return c;
    return all_.emplace_back(destination, day, 0, 0);
  }

  const catalog::Actions& actions_;
  const std::int64_t from_;
  std::vector<Counted> all_;
};

}  // namespace

Status know_complaints(
    mail::Complaints& complaints, node::Node& node, const catalog::Actions& actions, Instant now
) {
  const auto sends_mail = [](const catalog::Destination& d) { return d.mail.has_value(); };
  if (!complaints.fresh() || std::ranges::none_of(actions.destinations, sends_mail)) return {};
  Count count(actions, now);
  portal::walk_atoms(node, [&](const portal::Place& place) {
    count.add(place);
    return true;
  });
  return complaints.restore(count.done(), now);
}

}  // namespace hospes::server
