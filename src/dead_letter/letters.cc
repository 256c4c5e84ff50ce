// A file of letters, `YYYYMMDD` (day of UTC on which they came), little-endian (base/bytes.h):
//
//   file   = frame*
//   frame  = size:u32 crc32c:u32 payload[size]
//   letter = 1:u8 head sealed       letter.h; seal/envelope.h, bound to `bound` and the head
//   end    = 2:u8 message how:u8    an earlier letter of the file; alone once the file was rewritten
#include "dead_letter/letters.h"

#include <algorithm>
#include <chrono>
#include <ranges>
#include <set>

#include "base/hash_bytes.h"
#include "dead_letter/dig.h"
#include "seal/envelope.h"

namespace hospes::dead_letter {
namespace {

constexpr std::string_view bound = "hospes dead letter 1";
constexpr std::uint64_t frame_bytes = 8;
constexpr std::int64_t day_us = 86'400'000'000;

enum class Kind : std::uint8_t { letter = 1, end = 2 };

std::int64_t day_number(Instant at) {
  return at.us / day_us - (at.us % day_us < 0 ? 1 : 0);
}

std::string file_name(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  const auto digits = [](unsigned n, std::size_t width) {
    std::string out = std::to_string(n);
    return std::string(width - std::min(width, out.size()), '0') + out;
  };
  return digits(static_cast<unsigned>(static_cast<int>(date.year())), 4) +
         digits(static_cast<unsigned>(date.month()), 2) + digits(static_cast<unsigned>(date.day()), 2);
}

std::optional<std::int64_t> day_of_name(std::string_view name) {
  if (name.size() != 8) return std::nullopt;
  std::string dashed(name);
  dashed.insert(6, "-").insert(4, "-");
  const auto at = parse_instant(dashed);
  return at ? std::optional(day_number(*at)) : std::nullopt;
}

std::string framed(std::string_view payload) {
  std::string out;
  Writer w(out);
  w.u32(static_cast<std::uint32_t>(payload.size()));
  w.u32(crc32c(payload));
  w.raw(payload);
  return out;
}

/// The payload at the front of `bytes`; nothing when it is torn or damaged.
std::optional<std::string_view> payload_of(std::string_view bytes) {
  Reader in(bytes);
  const auto size = in.u32();
  const auto crc = in.u32();
  const auto payload = in.raw(size);
  if (!in.ok() || crc32c(payload) != crc) return std::nullopt;
  return payload;
}

std::string payload_of_end(Hash128 message, End how) {
  std::string out;
  Writer w(out);
  w.u8(static_cast<std::uint8_t>(Kind::end));
  write_hash(w, message);
  w.u8(static_cast<std::uint8_t>(how));
  return out;
}

std::string bound_to(std::string_view head) { return std::string(bound).append(head); }

}  // namespace

std::string Letters::path(std::int64_t day) const { return options_.folder + "/" + file_name(day); }

Result<std::unique_ptr<Letters>> Letters::open(
    disk::Disk& disk, seal::KeyStore& keys, Options options, Instant now
) {
  std::unique_ptr<Letters> out(new Letters(disk, keys, std::move(options)));
  TRY(disk.make_folder(out->options_.folder));
  const auto names = TRY(disk.list(out->options_.folder));
  for (const std::string& name : names)  // of a rewriting that did not end
    if (name.ends_with(".new")) TRY(disk.remove(out->options_.folder + "/" + name));
  for (const std::string& name : names)
    if (const auto day = day_of_name(name)) TRY(out->load(*day));
  TRY(out->sweep(now));
  // Whoever was erased while the house was being read, or just before it stopped.
  std::set<AtomId> gone;
  for (const auto& [message, place] : out->places_) {
    for (const AtomId atom : place.head.atoms)
      if (!out->keys_.key(atom)) gone.insert(atom);
  }
  for (const AtomId atom : gone) TRY(out->forget(atom));
  return out;
}

Status Letters::load(std::int64_t day) {
  const std::string bytes = TRY(disk::read_all(disk_, path(day), 2 * options_.bytes_max + (1 << 20)));
  Day& made = days_[day];
  made.file = TRY(disk_.open(path(day), disk::Mode::write));
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const auto payload = payload_of(rest);
    if (!payload || !load_frame(day, made.end, *payload)) {
      ++totals_.damaged;
      break;
    }
    made.end += frame_bytes + payload->size();
    rest.remove_prefix(frame_bytes + payload->size());
  }
  bytes_ += made.end;
  return rest.empty() ? Status() : rewrite(day);  // nothing may follow what cannot be read
}

bool Letters::load_frame(std::int64_t day, std::uint64_t at, std::string_view payload) {
  Reader in(payload);
  const auto kind = static_cast<Kind>(in.u8());
  if (kind == Kind::end) {
    const Hash128 message = read_hash(in);
    if (!in.ok()) return false;
    const auto [place, fresh] = places_.try_emplace(message, Place{.day = day});
    if (fresh) days_[day].order.push_back(message);
    if (fresh) place->second.head.message = message;
    drop(message);
    return true;
  }
  if (kind != Kind::letter) return false;
  std::string_view rest = in.rest();
  auto head = decode_head(rest);
  if (!head) return false;
  const Hash128 message = head->message;
  const auto size = static_cast<std::uint32_t>(payload.size());
  const auto [place, fresh] =
      places_.try_emplace(message, Place{.day = day, .at = at, .size = size, .head = std::move(*head)});
  if (!fresh) return true;  // a message that came again on a later day is the earlier letter
  days_[day].order.push_back(message);
  bytes_of_[place->second.head.source] += size;
  return true;
}

/// It has ended: its bytes are nobody's any more.
void Letters::drop(Hash128 message) {
  Place& place = places_.at(message);
  if (place.ended) return;
  place.ended = true;
  if (place.size > 0) bytes_of_[place.head.source] -= place.size;
  place.head = Head{.message = message};
}

bool Letters::fits(const Head& head, std::uint64_t bytes) const {
  const auto of_source = bytes_of_.find(head.source);
  const std::uint64_t held = of_source == bytes_of_.end() ? 0 : of_source->second;
  return bytes_ + bytes <= options_.bytes_max && held + bytes <= options_.bytes_max / 2 &&
         places_.size() < letters_max;
}

Result<Letters::Day*> Letters::day_of(Instant received) {
  const std::int64_t number = day_number(received);
  const auto at = days_.find(number);
  if (at != days_.end()) return &at->second;
  Day made;
  made.file = TRY(disk_.open(path(number), disk::Mode::create));
  TRY(disk_.sync_folder(options_.folder));
  return &days_.emplace(number, std::move(made)).first->second;
}

Status Letters::append(Day& day, std::string_view payload) {
  const std::string bytes = framed(payload);
  TRY(day.file->write(day.end, bytes));
  day.end += bytes.size();
  day.dirty = true;
  bytes_ += bytes.size();
  return {};
}

void Letters::keep(std::span<const Letter> letters) {
  const std::lock_guard lock(mutex_);
  const auto free = disk_.free_bytes();  // once for all that share a write
  for (const Letter& letter : letters) {
    if (const auto known = places_.find(letter.head.message); known != places_.end()) {
      ++known->second.times;
      continue;
    }
    if (!free || !keep_one(letter, *free)) ++totals_.failed;
  }
}

Status Letters::keep_one(const Letter& letter, std::uint64_t free) {
  const seal::Key key = TRY(keys_.key(letter.head.atoms.front()));
  const std::string head = encode(letter.head);
  std::string payload(1, static_cast<char>(Kind::letter));
  payload += head;
  seal::seal(key, bound_to(head), encode(letter.content), payload);
  if (free < options_.free_bytes_min || !fits(letter.head, payload.size() + frame_bytes)) {
    ++totals_.full;
    return {};
  }
  Day& day = *TRY(day_of(letter.head.received));
  const std::uint64_t at = day.end;
  TRY(append(day, payload));
  const auto size = static_cast<std::uint32_t>(payload.size());
  day.order.push_back(letter.head.message);
  bytes_of_[letter.head.source] += size;
  places_.emplace(
      letter.head.message,
      Place{.day = day_number(letter.head.received), .at = at, .size = size, .head = letter.head}
  );
  return {};
}

Status Letters::sync() {
  const std::lock_guard lock(mutex_);
  for (auto& [number, day] : days_) {
    if (!std::exchange(day.dirty, false)) continue;
    TRY(day.file->sync());
  }
  return {};
}

Status Letters::sweep(Instant now) {
  const std::lock_guard lock(mutex_);
  const std::int64_t oldest = day_number(now) - options_.days;
  bool removed = false;
  while (!days_.empty() && days_.begin()->first < oldest) {
    const auto at = days_.begin();
    TRY(disk_.remove(path(at->first)));
    for (const Hash128 message : at->second.order) {
      drop(message);
      places_.erase(message);
    }
    bytes_ -= at->second.end;
    days_.erase(at);
    removed = true;
  }
  return removed ? disk_.sync_folder(options_.folder) : Status();
}

Status Letters::forget(AtomId atom) {
  const std::lock_guard lock(mutex_);
  std::set<std::int64_t> touched;
  for (auto& [message, place] : places_) {
    if (std::ranges::find(place.head.atoms, atom) == place.head.atoms.end()) continue;
    touched.insert(place.day);
    drop(message);
  }
  for (const std::int64_t day : touched) TRY(rewrite(day));
  return {};
}

/// The file again, with the letters that live, and of the others that they ended. A crash leaves the
/// old file or the new one.
Status Letters::rewrite(std::int64_t number) {
  Day& day = days_.at(number);
  const std::string bytes = TRY(disk::read_all(disk_, path(number), day.end + (1 << 20)));
  std::string fresh;
  std::vector<std::pair<Hash128, std::uint64_t>> moved;
  for (const Hash128 message : day.order) {
    const Place& place = places_.at(message);
    if (place.ended) {
      fresh += framed(payload_of_end(message, End::discarded));
      continue;
    }
    moved.emplace_back(message, fresh.size());
    fresh += std::string_view(bytes).substr(place.at, frame_bytes + place.size);
  }
  TRY(disk::replace(disk_, options_.folder, file_name(number), fresh));
  day.file = TRY(disk_.open(path(number), disk::Mode::write));
  bytes_ = bytes_ - day.end + fresh.size();
  day.end = fresh.size();
  day.dirty = false;
  for (const auto& [message, at] : moved) places_.at(message).at = at;
  return {};
}

bool Letters::is(const Place& place, const Wanted& wanted) {
  const auto fits = [](const std::string& asked, const std::string& has) {
    return asked.empty() || asked == has;
  };
  return !place.ended && fits(wanted.source, place.head.source) && fits(wanted.rule, place.head.rule) &&
         fits(wanted.event, place.head.event);
}

std::vector<Listed> Letters::list(
    const Wanted& wanted, std::optional<Hash128> after, std::size_t limit, bool& more
) const {
  const std::lock_guard lock(mutex_);
  std::vector<Listed> out;
  more = false;
  const auto from = after ? places_.find(*after) : places_.end();
  bool passed = from == places_.end();
  for (const auto& [number, day] : days_ | std::views::reverse) {
    if (!passed && number > from->second.day) continue;
    for (const Hash128 message : day.order | std::views::reverse) {
      if (!passed) {
        passed = message == *after;
        continue;
      }
      const Place& place = places_.at(message);
      if (!is(place, wanted)) continue;
      if (out.size() == limit) {
        more = true;
        return out;
      }
      out.push_back({place.head, place.times, place.size});
    }
  }
  return out;
}

std::vector<Group> Letters::groups() const {
  const std::lock_guard lock(mutex_);
  std::map<std::array<std::string, 3>, Group> by;
  for (const auto& [number, day] : days_) {
    for (const Hash128 message : day.order) {
      const Place& place = places_.at(message);
      if (place.ended) continue;
      const Head& head = place.head;
      Group& group = by[{head.source, head.rule, head.event}];
      if (group.letters++ == 0) {
        group.source = head.source;
        group.rule = head.rule;
        group.event = head.event;
        group.first = head.received;
      }
      group.bytes += place.size;
      group.last = head.received;
      group.newest = message;
    }
  }
  std::vector<Group> out;
  for (auto& [name, group] : by) out.push_back(std::move(group));
  std::ranges::stable_sort(out, std::ranges::greater{}, &Group::letters);
  return out;
}

Result<std::string> Letters::frame_at(const Place& place) const {
  const auto day = days_.find(place.day);
  const std::string bytes = TRY(day->second.file->read(place.at, frame_bytes + place.size));
  const auto payload = payload_of(bytes);
  if (!payload) return fail(Code::corrupt, path(place.day) + ": a dead letter is damaged");
  return std::string(*payload);
}

Result<Letter> Letters::read(Hash128 message) const {
  const std::lock_guard lock(mutex_);
  const auto at = places_.find(message);
  if (at == places_.end() || at->second.ended)
    return fail(Code::not_found, "no such dead letter: it was sent again, discarded, erased or has passed its days");
  const std::string payload = TRY(frame_at(at->second));
  std::string_view sealed = std::string_view(payload).substr(1);
  const std::string_view whole = sealed;
  const Head head = TRY(decode_head(sealed));
  const seal::Key key = TRY(keys_.key(head.atoms.front()));
  const auto bytes_of_head = whole.substr(0, whole.size() - sealed.size());
  const std::string plain = TRY(seal::open(key, bound_to(bytes_of_head), sealed));
  Letter out{.head = head};
  out.content = TRY(decode_content(plain));
  return out;
}

Status dig(
    disk::Disk& disk, seal::KeyStore& keys, const std::string& folder,
    const std::function<void(const Head& head, const Content* content)>& visit
) {
  constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 32;
  for (const std::string& name : TRY(disk.list(folder))) {
    const std::string bytes = TRY(disk::read_all(disk, folder + "/" + name, file_bytes_max));
    for (std::size_t at = 0; at < bytes.size();) {
      const auto payload = payload_of(std::string_view(bytes).substr(at));
      if (!payload) {
        ++at;
        continue;
      }
      at += frame_bytes + payload->size();
      if (payload->empty() || payload->front() != static_cast<char>(Kind::letter)) continue;
      const std::string_view whole = payload->substr(1);
      std::string_view sealed = whole;
      const auto head = decode_head(sealed);
      if (!head || head->atoms.empty()) continue;
      const auto key = keys.key(head->atoms.front());
      const std::string_view bound_head = whole.substr(0, whole.size() - sealed.size());
      const auto plain = key ? seal::open(*key, bound_to(bound_head), sealed) : Result<std::string>(fail(Code::not_found, "erased"));
      const auto content = plain ? decode_content(*plain) : Result<Content>(fail(Code::not_found, "erased"));
      visit(*head, content ? &*content : nullptr);
    }
  }
  return {};
}

Result<std::size_t> Letters::end(std::span<const Hash128> messages, End how) {
  const std::lock_guard lock(mutex_);
  std::set<std::int64_t> touched;
  std::size_t count = 0;
  for (const Hash128 message : messages) {
    const auto at = places_.find(message);
    if (at == places_.end() || at->second.ended) continue;
    Day& day = days_.at(at->second.day);
    TRY(append(day, payload_of_end(message, how)));
    touched.insert(at->second.day);
    drop(message);
    ++count;
  }
  totals_.ended[static_cast<std::size_t>(how)] += count;
  for (const std::int64_t number : touched) {
    Day& day = days_.at(number);
    TRY(day.file->sync());
    day.dirty = false;
  }
  // What nobody may keep, or wants, leaves the disk at once; what lives on as an event, when it is half of a file.
  for (const std::int64_t number : touched) {
    const Day& day = days_.at(number);
    std::uint64_t living = 0;
    for (const Hash128 message : day.order)
      if (const Place& place = places_.at(message); !place.ended) living += frame_bytes + place.size;
    if (how != End::resent || 2 * living < day.end) TRY(rewrite(number));
  }
  return count;
}

Totals Letters::totals() const {
  const std::lock_guard lock(mutex_);
  Totals out = totals_;
  out.bytes = bytes_;
  out.letters = static_cast<std::uint64_t>(
      std::ranges::count_if(places_, [](const auto& entry) { return !entry.second.ended; })
  );
  return out;
}

}  // namespace hospes::dead_letter
