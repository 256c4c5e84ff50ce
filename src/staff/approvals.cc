#include "staff/approvals.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "staff/code.h"
#include "staff/lines.h"

namespace hospes::staff {
namespace {

constexpr std::uint64_t file_bytes_max = 4'000'000;
constexpr std::string_view heading = "hospes approvals 1\n";
constexpr std::size_t what_bytes_max = 500;

std::unexpected<Error> damaged(const std::string& path, std::size_t line) {
  return fail(
      Code::corrupt, path + " cannot be read at line " + std::to_string(line) +
                         ": restore it from a backup, or move it aside: what waits is then asked for again"
  );
}

std::string one_line(std::string_view text) {
  std::string out(text.substr(0, what_bytes_max));
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return out.empty() ? "-" : out;
}

std::optional<Approval::State> find_state(std::string_view text) {
  using enum Approval::State;
  for (const auto s : {waiting, given, refused, used})
    if (to_string(s) == text) return s;
  return std::nullopt;
}

std::optional<Approval> read(std::string_view line) {
  const auto found = parts_of<11>(line);
  if (!found) return std::nullopt;
  const auto& part = *found;
  Approval out;
  const auto state = find_state(part[2]);
  const auto asked = parse_instant(part[3]), ends = parse_instant(part[4]);
  const auto people = std::from_chars(part[5].data(), part[5].data() + part[5].size(), out.wanted.people);
  if (!state || !asked || !ends || people.ec != std::errc() || part[0].empty()) return std::nullopt;
  out.id = part[0];
  out.state = *state;
  out.asked = *asked;
  out.ends = *ends;
  out.answered_by = part[7] == "-" ? "" : part[7];
  out.answered = parse_instant(part[8]);
  out.wanted.kind = part[1];
  out.wanted.by = part[6];
  out.wanted.exactly = part[9];
  out.wanted.what = part[10];
  return out;
}

std::string line_of(const Approval& a) {
  std::string out;
  for (const std::string& part :
       {a.id, a.wanted.kind, std::string(to_string(a.state)), to_string(a.asked), to_string(a.ends),
        std::to_string(a.wanted.people), one_line(a.wanted.by), one_line(a.answered_by),
        a.answered ? to_string(*a.answered) : "-", one_line(a.wanted.exactly)})
    out.append(part).append("\t");
  return out.append(one_line(a.wanted.what)).append("\n");
}

bool same(const Wanted& a, const Wanted& b) {
  return a.kind == b.kind && a.exactly == b.exactly && a.by == b.by;
}

}  // namespace

std::string_view to_string(Approval::State state) {
  constexpr std::array<std::string_view, 4> words = {"waiting", "given", "refused", "used"};
  return words[static_cast<std::size_t>(state)];
}

Result<std::unique_ptr<Approvals>> Approvals::open(disk::Disk& disk, std::string folder) {
  TRY(disk.make_folder(folder));
  std::unique_ptr<Approvals> out(new Approvals(disk, std::move(folder)));
  TRY(out->load());
  return out;
}

Status Approvals::load() {
  const std::string path = folder_ + "/approvals";
  auto text = disk::read_all(disk_, path, file_bytes_max);
  if (!text && text.error().code == Code::not_found) return {};
  const std::string held = TRY(std::move(text));
  const auto unread = unread_line(held, heading, [&](std::string_view line) {
    auto one = read(line);
    if (one) all_.push_back(std::move(*one));
    return one.has_value();
  });
  return unread ? Status(damaged(path, *unread)) : Status();
}

Status Approvals::save() const {
  std::string text(heading);
  for (const Approval& a : all_) text += line_of(a);
  return disk::replace(disk_, folder_, "approvals", text.append(ending));
}

Result<std::optional<Approval>> Approvals::take(const Wanted& wanted, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto at = std::ranges::find_if(all_, [&](const Approval& a) {
    return a.state == Approval::State::given && now < a.ends && same(a.wanted, wanted);
  });
  if (at == all_.end()) return std::optional<Approval>();
  at->state = Approval::State::used;
  TRY(save());
  return std::optional(*at);
}

Result<Approval> Approvals::ask(const Wanted& wanted, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto at = std::ranges::find_if(all_, [&](const Approval& a) {
    return !a.over(now) && same(a.wanted, wanted);
  });
  if (at != all_.end()) return *at;
  if (all_.size() >= approvals_max) {
    const auto over = std::ranges::find_if(all_, [&](const Approval& a) { return a.over(now); });
    if (over == all_.end()) return fail(Code::over_limit, "1,000 approvals wait already");
    all_.erase(over);
  }
  Approval made{.wanted = wanted, .id = new_secret().substr(0, 12), .asked = now, .ends = now + approval_good_for};
  made.wanted.what = one_line(wanted.what);
  all_.push_back(std::move(made));
  TRY(save());
  return all_.back();
}

Result<Approval> Approvals::answer(std::string_view id, std::string_view by, bool yes, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto at = std::ranges::find(all_, id, &Approval::id);
  if (at == all_.end()) return fail(Code::not_found, "nothing of this id waits for a yes");
  if (at->over(now) || at->state != Approval::State::waiting)
    return fail(Code::conflict, at->ends <= now ? "its day is over: ask again" : "it was answered already");
  if (yes && at->wanted.by == by)
    return fail(Code::conflict, "who asks does not approve: this takes the yes of another account");
  at->state = yes ? Approval::State::given : Approval::State::refused;
  at->answered_by = by;
  at->answered = now;
  at->ends = now + approval_good_for;
  std::erase_if(links_, [&](const auto& link) { return link.second == id; });
  TRY(save());
  return *at;
}

std::vector<Approval> Approvals::all() const {
  const std::scoped_lock lock(mutex_);
  return {all_.rbegin(), all_.rend()};
}

std::uint64_t Approvals::alone(std::string_view by, std::uint64_t people, Instant now) {
  const std::scoped_lock lock(mutex_);
  Taken& taken = alone_[std::string(by)];  // accounts are the house's own: bounded
  if (taken.since + approval_good_for <= now) taken = {.since = now};
  return taken.people += people;
}

Result<std::string> Approvals::new_link(std::string_view id, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto at = std::ranges::find(all_, id, &Approval::id);
  if (at == all_.end() || at->over(now) || at->state != Approval::State::waiting)
    return fail(Code::not_found, "nothing of this id waits for a yes");
  std::erase_if(links_, [&](const auto& link) { return link.second == id; });
  const std::string code = new_secret();
  links_.emplace(hash_of(code), id);
  return code;
}

std::optional<Approval> Approvals::by_link(std::string_view code, Instant now) const {
  const std::scoped_lock lock(mutex_);
  const auto link = links_.find(hash_of(code));
  if (link == links_.end()) return std::nullopt;
  const auto at = std::ranges::find(all_, link->second, &Approval::id);
  if (at == all_.end() || at->over(now)) return std::nullopt;
  return *at;
}

}  // namespace hospes::staff
