// The file: lines of tab-separated words, the first says what it is.
//   s  <µs>                              counted since
//   w  <µs>                              written then; what came after is lost
//   g  <µs> <µs>                         nobody counted in between
//   m  <minute> <real ×7> <simulated ×7> events answers withheld refused duplicates in out
//   v  <day> <people> <views> <0|1> <source>
//   r  <quarter> <n> <0|1> <verdict> <source> <why>
// A line of another shape is passed over: counts are worth less than a start.
#include "portal/pulse.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace hospes::portal {
namespace {

constexpr std::int64_t minute_us = 60'000'000;
constexpr std::uint64_t file_bytes_max = 4'000'000;
constexpr std::int64_t quarter_minutes = 15;

std::int64_t minute_of(Instant at) { return at.us / minute_us; }

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto tab = line.find('\t');
    out.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return out;
    line.remove_prefix(tab + 1);
  }
}

template <typename Number>
bool number_in(std::string_view word, Number& out) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  return error == std::errc() && end == word.data() + word.size();
}

std::array<std::uint64_t*, 7> fields(Pulse::Counts& c) {
  return {&c.events, &c.answers, &c.withheld, &c.refused, &c.duplicates, &c.in, &c.out};
}

/// The purposes that something could have opened: not those of contract and duty that the catalogue
/// does not list for the event.
std::string why_of(const collect::Arrival& arrival) {
  if (arrival.verdict == collect::Verdict::rejected) return std::string(arrival.rule);
  std::string out;
  for (std::size_t i = 0; i < arrival.missing.size(); ++i) {
    if (arrival.closed[i] == consent::Why::not_catalogued) continue;
    out.append(out.empty() ? "" : ",").append(arrival.missing[i]);
  }
  return out;
}

}  // namespace

Pulse::Counts& Pulse::Counts::operator+=(const Counts& other) {
  Counts copy = other;
  const auto from = fields(copy);
  const auto to = fields(*this);
  for (std::size_t i = 0; i < to.size(); ++i) *to[i] += *from[i];
  return *this;
}

Pulse::Pulse(disk::Disk& disk, std::string folder, Clock& clock)
    : disk_(disk), folder_(std::move(folder)), clock_(clock), started_(clock.now()), since_(started_) {}

Result<std::unique_ptr<Pulse>> Pulse::open(disk::Disk& disk, std::string folder, Clock& clock) {
  TRY(disk.make_folder(folder));
  std::unique_ptr<Pulse> pulse(new Pulse(disk, std::move(folder), clock));
  const auto text = disk::read_all(disk, pulse->folder_ + "/pulse", file_bytes_max);
  if (text) pulse->read(*text);
  pulse->thread_ = std::thread([p = pulse.get()] { p->run(); });
  return pulse;
}

Pulse::~Pulse() { close(); }

void Pulse::read(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;  // cut off
    read_line(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (last_saved_ != Instant::never() && last_saved_ < started_)
    gaps_.push_back({last_saved_, started_});
  while (gaps_.size() > gaps_max) gaps_.pop_front();
  forget(minute_of(started_));
}

bool Pulse::read_line(std::string_view line) {
  const auto words = words_of(line);
  if (words[0] == "s" && words.size() == 2) return number_in(words[1], since_.us);
  if (words[0] == "w" && words.size() == 2) {
    last_saved_ = {};
    return number_in(words[1], last_saved_.us);
  }
  if (words[0] == "g" && words.size() == 3) {
    Gap gap;
    if (!number_in(words[1], gap.from.us) || !number_in(words[2], gap.until.us)) return false;
    gaps_.push_back(gap);
    return true;
  }
  std::int64_t at = 0;
  if (words.size() < 2 || !number_in(words[1], at)) return false;
  if (words[0] == "m" && words.size() == 16) {
    Minute minute;
    const auto real = fields(minute.real), simulated = fields(minute.simulated);
    for (std::size_t i = 0; i < 7; ++i)
      if (!number_in(words[2 + i], *real[i]) || !number_in(words[9 + i], *simulated[i])) return false;
    minutes_[at] = minute;
    return true;
  }
  if (words[0] == "v" && words.size() == 6) {
    Visitors day{.day = at, .at_most = words[4] == "1"};
    if (!number_in(words[2], day.people) || !number_in(words[3], day.views)) return false;
    visitors_[std::string(words[5])][at] = day;
    return true;
  }
  if (words[0] == "r" && words.size() == 7) {
    std::uint64_t n = 0;
    if (!number_in(words[2], n)) return false;
    const Reason reason{
        words[3] == "1", std::string(words[4]), std::string(words[5]), std::string(words[6])};
    reasons_[at][reason] = n;
    return true;
  }
  return false;
}

std::string Pulse::written() const {
  std::string out = "s\t" + std::to_string(since_.us) + "\nw\t" +
                    std::to_string(clock_.now().us) + "\n";
  for (const Gap& gap : gaps_)
    out += "g\t" + std::to_string(gap.from.us) + "\t" + std::to_string(gap.until.us) + "\n";
  for (const auto& [at, minute] : minutes_) {
    out += "m\t" + std::to_string(at);
    for (Counts half : {minute.real, minute.simulated})
      for (const std::uint64_t* n : fields(half)) out += "\t" + std::to_string(*n);
    out += "\n";
  }
  for (const auto& [source, days] : visitors_)
    for (const auto& [at, day] : days) {
      const Visitors now = counted(source, day);
      out += "v\t" + std::to_string(at) + "\t" + std::to_string(now.people) + "\t" + std::to_string(now.views) +
             (now.at_most ? "\t1\t" : "\t0\t") + source + "\n";
    }
  for (const auto& [at, reasons] : reasons_)
    for (const auto& [why, n] : reasons)
      out += "r\t" + std::to_string(at) + "\t" + std::to_string(n) + (why.simulated ? "\t1\t" : "\t0\t") +
             why.verdict + "\t" + why.source + "\t" + why.why + "\n";
  return out;
}

void Pulse::forget(std::int64_t minute) {
  const std::int64_t first = minute - minutes_max;
  minutes_.erase(minutes_.begin(), minutes_.lower_bound(first));
  reasons_.erase(reasons_.begin(), reasons_.lower_bound(first / quarter_minutes));
  moves_.erase(moves_.begin(), moves_.lower_bound(minute - segment_minutes + 1));
  const Instant oldest{first * minute_us};
  while (!gaps_.empty() && gaps_.front().until < oldest) gaps_.pop_front();
  since_ = std::max(since_, oldest);
}

/// Of the running minute.
Pulse::Counts& Pulse::counts(bool simulated) {
  const std::int64_t now = minute_of(clock_.now());
  if (minutes_.empty() || minutes_.rbegin()->first < now) forget(now);
  Minute& minute = minutes_[now];
  return simulated ? minute.simulated : minute.real;
}

void Pulse::arrived(const collect::Arrival& arrival) {
  const std::lock_guard lock(mutex_);
  Counts& c = counts(arrival.simulated);
  if (arrival.verdict == collect::Verdict::accepted) {
    ++(arrival.type == "consent" ? c.answers : c.events);
    return;
  }
  if (arrival.visit) visited(arrival);
  const bool refused = arrival.verdict == collect::Verdict::rejected;
  ++(refused ? c.refused : c.withheld);
  auto& reasons = reasons_[minute_of(clock_.now()) / quarter_minutes];
  Reason reason{
      arrival.simulated, refused ? "refused" : "withheld", arrival.source, why_of(arrival)};
  if (reasons.size() >= reasons_max && !reasons.contains(reason)) reason.source = reason.why = "other";
  ++reasons[reason];
}

void Pulse::visited(const collect::Arrival& arrival) {
  const auto [number, mark] = *arrival.visit;
  auto& days = visitors_[arrival.source];
  Visitors& day = days[number];
  Today& today = today_[arrival.source];
  if (today.day != number) {
    for (auto& [at, ended] : days) ended = counted(arrival.source, ended);
    // A day of which something is known already: an earlier run counted it under another salt.
    day.at_most = day.at_most || day.day == number;
    today = {.day = number, .before = day.people, .marks = {}};
    days.erase(days.begin(), days.lower_bound(number - visitor_days_max));
  }
  day.day = number;
  if (arrival.type == "page" || arrival.type == "screen") ++day.views;
  today.marks.add(mark);
}

Pulse::Visitors Pulse::counted(const std::string& source, Visitors day) const {
  const auto today = today_.find(source);
  if (today != today_.end() && today->second.day == day.day)
    day.people = today->second.before + today->second.marks.count();
  return day;
}

std::vector<Pulse::Visitors> Pulse::visitors(std::string_view source, std::size_t days) const {
  const std::lock_guard lock(mutex_);
  std::vector<Visitors> out;
  const auto found = visitors_.find(source);
  if (found == visitors_.end()) return out;
  for (auto at = found->second.rbegin(); at != found->second.rend() && out.size() < days; ++at)
    out.push_back(counted(found->first, at->second));
  return out;
}

void Pulse::passed(const std::vector<flow::Transition>& transitions) {
  const std::lock_guard lock(mutex_);
  for (const flow::Transition& t : transitions) {
    Counts& c = counts(t.simulated);
    ++(t.entered ? c.in : c.out);
    Moves& moves = moves_[minutes_.rbegin()->first];
    Moved& moved = (t.simulated ? moves.simulated : moves.real)[t.segment];
    ++(t.entered ? moved.in : moved.out);
  }
}

void Pulse::repeated(bool simulated) {
  const std::lock_guard lock(mutex_);
  ++counts(simulated).duplicates;
}

Pulse::Counts Pulse::sum(Instant from, Instant until, bool real_only) const {
  const std::lock_guard lock(mutex_);
  Counts out;
  const auto end = minutes_.lower_bound(minute_of(until));
  for (auto at = minutes_.lower_bound(minute_of(from)); at != end; ++at) {
    out += at->second.real;
    if (!real_only) out += at->second.simulated;
  }
  return out;
}

std::vector<Pulse::Counts> Pulse::by(std::int64_t step, std::size_t n, bool real_only) const {
  const std::int64_t end = minute_of(clock_.now()) + 1;
  std::vector<Counts> out;
  for (auto left = static_cast<std::int64_t>(n); left > 0; --left)
    out.push_back(sum(
        {(end - left * step) * minute_us}, {(end - (left - 1) * step) * minute_us}, real_only
    ));
  return out;
}

std::vector<std::pair<Pulse::Reason, std::uint64_t>> Pulse::reasons(
    Instant from, bool real_only
) const {
  std::map<Reason, std::uint64_t> sums;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = reasons_.lower_bound(minute_of(from) / quarter_minutes); at != reasons_.end(); ++at)
      for (const auto& [why, n] : at->second)
        if (!real_only || !why.simulated) sums[why] += n;
  }
  std::vector<std::pair<Reason, std::uint64_t>> out(sums.begin(), sums.end());
  std::ranges::stable_sort(out, std::ranges::greater{}, [](const auto& row) { return row.second; });
  return out;
}

std::map<segment::SegmentIndex, Pulse::Moved> Pulse::moved(bool real_only) const {
  const std::lock_guard lock(mutex_);
  std::map<segment::SegmentIndex, Moved> out;
  const auto add = [&](const std::map<segment::SegmentIndex, Moved>& half) {
    for (const auto& [segment, moved] : half) {
      out[segment].in += moved.in;
      out[segment].out += moved.out;
    }
  };
  const std::int64_t first = minute_of(clock_.now()) - segment_minutes + 1;
  for (auto at = moves_.lower_bound(first); at != moves_.end(); ++at) {
    add(at->second.real);
    if (!real_only) add(at->second.simulated);
  }
  return out;
}

Instant Pulse::since() const {
  const std::lock_guard lock(mutex_);
  return since_;
}

std::vector<Pulse::Gap> Pulse::gaps() const {
  const std::lock_guard lock(mutex_);
  return {gaps_.begin(), gaps_.end()};
}

Status Pulse::save() {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    text = written();
  }
  return disk::replace(disk_, folder_, "pulse", text);
}

void Pulse::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::minutes(1), [this] { return stop_; })) {
    lock.unlock();
    // A disk that cannot be written is told by the log and by /readyz; these counts can wait.
    (void)save();
    lock.lock();
  }
}

void Pulse::close() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stop_, true)) return;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  (void)save();
}

}  // namespace hospes::portal
