#include "guest/link_by_mail.h"

#include "activate/courier.h"
#include "activate/sender.h"
#include "catalog/kinds.h"
#include "portal/people.h"

namespace hospes::guest {
namespace {

/// The address's atom, when it is one person's.
std::optional<Atom> login_of(const Doors& doors, const std::string& address) {
  const auto atom = doors.house.keys.find({catalog::kind::email, address});
  if (!atom || !*atom) return std::nullopt;
  bool somebody = false;
  portal::find_atom(doors.house.node, (*atom)->id, [&](const portal::Place& place) {
    somebody = place.person != nullptr && !place.atom.quarantined;
  });
  return somebody ? *atom : std::nullopt;
}

std::string text_of(const std::string& house, const std::string& link, bool french) {
  if (french)
    return "Voici le lien vers vos pages chez " + house + " :\n\n" + link +
           "\n\nIl sert une fois, pendant 15 minutes. Vous y verrez ce que nous savons de vous, ce "
           "que "
           "vous permettez, et vous pourrez le changer, l'emporter ou l'effacer.\n\nVous n'avez "
           "rien "
           "demandé ? Ne faites rien : sans ce message, personne n'entre.\n";
  return "Here is the link to your pages at " + house + ":\n\n" + link +
         "\n\nIt is good once, for 15 minutes. There you see what we know of you and what you "
         "allow, "
         "and can change it, take it away or erase it.\n\nYou asked for nothing? Do nothing: "
         "without "
         "this message nobody comes in.\n";
}

}  // namespace

bool LinkByMail::possible(const Doors& doors) {
  return doors.house.sender != nullptr && doors.house.sender->courier() != nullptr;
}

bool LinkByMail::may(const std::string& name, Instant now) {
  constexpr Duration minute = std::chrono::minutes(1), hour = std::chrono::hours(1);
  const std::lock_guard lock(mutex_);
  while (!all_.empty() && all_.front() + minute < now) all_.pop_front();
  if (all_.size() >= a_minute_max) return false;
  if (asked_.size() >= addresses_max)
    std::erase_if(asked_, [&](const auto& one) { return one.second.back() + hour < now; });
  if (asked_.size() >= addresses_max) return false;
  std::deque<Instant>& of = asked_[name];
  while (!of.empty() && of.front() + hour < now) of.pop_front();
  if (of.size() >= an_hour_max) return false;
  of.push_back(now);
  all_.push_back(now);
  return true;
}

void LinkByMail::ask(
    const Doors& doors, std::string_view address, std::string_view lang,
    const std::function<std::string(const Atom& login)>& link
) {
  const auto canonical = catalog::normalise(catalog::kind::email, address);
  if (!canonical || !possible(doors)) return;
  activate::Courier& courier = *doors.house.sender->courier();
  const Instant now = doors.house.clock.now();
  if (!may(courier.letters().name_of(*canonical), now)) return;
  const auto login = login_of(doors, *canonical);
  if (!login) return;
  const bool french = lang == "fr";
  const std::string& house = doors.house.catalog.house.name;
  auto made = courier.letters().note(
      *canonical, (french ? "Vos pages chez " : "Your pages at ") + house,
      text_of(house, courier.letters().public_url() + link(*login), french), now
  );
  auto* posted = std::get_if<activate::Posted>(&made);
  if (posted == nullptr) return;
  auto& diary = doors.house.diary;
  const auto told = [&diary](const Status& sent) {
    if (!sent)
      diary.note(
          diary::Level::warn, "guest.link_not_sent", "a guest asked for their link by mail",
          {{"why", sent.error().message}}
      );
  };
  if (const Status waits = courier.send(std::move(*posted), told); !waits) told(waits);
}

}  // namespace hospes::guest
