#include "portal/campaigns.h"

#include <algorithm>

#include "base/nearest.h"
#include "digest/digest.h"
#include "outbox/effect.h"
#include "portal/house_file.h"
#include "portal/secrets.h"
#include "zones/zones.h"

namespace hospes::portal {
namespace {

constexpr std::uint32_t everybody = 10'000;

std::string digest_of(std::string_view text) { return hex(view_of(sha256(text))); }

}  // namespace

std::string_view to_string(Campaigns::State state) {
  switch (state) {
    case Campaigns::State::draft:
      return "draft";
    case Campaigns::State::tested:
      return "tested";
    case Campaigns::State::approved:
      return "approved";
    case Campaigns::State::running:
      return "running";
    case Campaigns::State::done:
      return "done";
    case Campaigns::State::stopped:
      return "stopped";
    case Campaigns::State::missed:
      return "missed";
  }
  return "unknown";
}

Result<std::string> Campaigns::text() const {
  auto read =
      disk::read_all(folder_, std::string(catalog::campaigns_file), catalog::campaigns_bytes_max);
  if (!read && read.error().code == Code::not_found) return std::string();
  return read;
}

Result<std::vector<catalog::Campaign>> Campaigns::all() const {
  const std::string file = TRY(text());
  return catalog::read_campaigns(file);
}

Result<catalog::Campaign> Campaigns::named(std::string_view name) const {
  auto list = TRY(all());
  std::vector<std::string> names;
  for (catalog::Campaign& one : list) {
    if (one.name == name) return std::move(one);
    names.push_back(one.name);
  }
  return fail(
      Code::not_found, "no campaign is called \"" + std::string(name) + "\" in campaigns.toml" +
                           nearest_hint(name, names)
  );
}

const catalog::Action* Campaigns::action_of(const catalog::Campaign& campaign) const {
  const auto& actions = catalog_.actions.actions;
  const auto at = std::ranges::find(actions, campaign.action, &catalog::Action::name);
  return at == actions.end() || !at->by_journey ? nullptr : &*at;
}

std::string Campaigns::words_of(const catalog::Campaign& campaign) const {
  std::string said = campaign.words();
  if (const catalog::Action* a = action_of(campaign)) {
    said += std::to_string(a->version) + "\n" + std::to_string(a->purpose) + "\n" + a->destination + "\n" +
            a->message + "\n" + std::to_string(a->valid_for.count()) + "\n";
    if (messages_ != nullptr)
      for (const mail::HouseMessage& m : messages_->all())
        if (m.name == a->message) said += m.written() + "\n";
  }
  constexpr std::size_t digits = 16;
  return digest_of(said).substr(0, digits);
}

Instant Campaigns::date_of(const catalog::Campaign& campaign) const {
  const zones::Zone* zone = zones::find(catalog_.house.time_zone);
  return zones::instant_of(
      zone != nullptr ? *zone : zones::utc(), zones::wall_of(campaign.at).value_or(0)
  );
}

Campaigns::State Campaigns::state_of(const catalog::Campaign& c, Instant now) const {
  if (c.stopped) return State::stopped;
  const std::string words = words_of(c);
  const Instant date = date_of(c);
  if (c.approved && c.approved->of == words && c.approved->at < date) {
    if (now < date) return State::approved;
    return now < date + c.within ? State::running : State::done;
  }
  if (now >= date) return State::missed;
  return c.tested && c.tested->of == words ? State::tested : State::draft;
}

Status Campaigns::fits(const catalog::Campaign& c, const SegmentPurposes& segments) const {
  const auto odd = [&](const std::string& why) {
    return fail(Code::invalid_input, "campaign \"" + c.name + "\": " + why);
  };
  const catalog::Action* action = action_of(c);
  if (action == nullptr) {
    std::vector<std::string> names;
    for (const catalog::Action& a : catalog_.actions.actions)
      if (a.by_journey) names.push_back(a.name);
    return odd(
        "actions.toml has no action \"" + c.action + "\" with when = \"journey\"" +
        nearest_hint(c.action, names)
    );
  }
  const auto segment = segments.find(c.segment);
  if (segment == segments.end()) {
    std::vector<std::string> ids;
    for (const auto& [id, purpose] : segments) ids.push_back(id);
    return odd("no segment \"" + c.segment + "\"" + nearest_hint(c.segment, ids));
  }
  const std::string& purpose = catalog_.purposes.at(action->purpose).name;
  if (segment->second == purpose) return {};
  return odd(
      "its segment is of purpose " + segment->second + ", its action of " + purpose +
      ": it would be lent what it may not see; choose two of one purpose"
  );
}

journey::Definition Campaigns::journey_of(const catalog::Campaign& c) const {
  namespace j = journey;
  j::Definition d;
  d.id = std::string(outbox::campaign_prefix) + c.name;
  if (const catalog::Action* action = action_of(c)) d.purpose = catalog_.purposes.at(action->purpose).name;
  d.name_en = c.title_en.empty() ? c.name : c.title_en;
  d.name_fr = c.title_fr.empty() ? d.name_en : c.title_fr;
  j::Trigger enter{.kind = j::Trigger::once, .name = c.segment, .key = {}, .place = {}};
  enter.wall_us = zones::wall_of(c.at).value_or(0);
  d.enter.push_back(std::move(enter));
  d.goal.push_back({.kind = j::Trigger::event, .name = c.goal, .key = {}, .place = {}});
  const auto step = [&](std::string id, j::Action action) {
    d.steps.push_back({.id = std::move(id), .action = std::move(action), .place = {}});
  };
  if (c.control > 0) {
    j::Split draw;
    draw.arms.push_back({.weight = everybody - c.control, .to = "write", .place = {}});
    draw.arms.push_back({.weight = c.control, .to = "control", .place = {}});
    step("draw", std::move(draw));
  }
  step("write", j::Send{.action = c.action, .other = "unsent"});
  step("written", j::WaitEntry{c.within});
  step("over", j::Exit{});
  step("unsent", j::WaitEntry{c.within});
  step("nothing", j::Exit{});
  if (c.control > 0) step("control", j::WaitEntry{c.within});
  if (c.control == 0) d.steps.pop_back();  // behind the last: exit
  return d;
}

Result<std::vector<journey::Definition>> Campaigns::in_force(const SegmentPurposes& segments) const {
  std::vector<journey::Definition> out;
  const auto list = TRY(all());
  for (const catalog::Campaign& c : list) {
    const bool approved = c.approved && c.approved->of == words_of(c) && c.approved->at < date_of(c);
    if (approved && !c.stopped && fits(c, segments)) out.push_back(journey_of(c));
  }
  return out;
}

Status Campaigns::change(const std::function<Result<std::string>(const std::string&)>& edit) {
  const std::lock_guard lock(changing_);
  const std::string before = TRY(text());
  const std::string after = TRY(edit(before));
  return write_house_file(folder_, catalog::campaigns_file, after);
}

std::string Campaigns::new_link(Ask ask, Instant now) {
  std::string code = new_secret();
  ask.ends = now + approval_link_good_for;
  const std::lock_guard lock(links_mutex_);
  make_room(links_, approval_links_max, now, [](const auto& l) { return l.second.ends; });
  links_[digest_of(code)] = std::move(ask);
  return code;
}

std::optional<Campaigns::Ask> Campaigns::link(std::string_view code, Instant now) const {
  const std::lock_guard lock(links_mutex_);
  const auto at = links_.find(digest_of(code));
  if (at == links_.end() || at->second.ends <= now) return std::nullopt;
  return at->second;
}

void Campaigns::use_up(std::string_view code) {
  const std::lock_guard lock(links_mutex_);
  links_.erase(digest_of(code));
}

}  // namespace hospes::portal
