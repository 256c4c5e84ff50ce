#include "signal/tc_string.h"

#include <algorithm>

#include "signal/bits.h"

namespace hospes::signal {
namespace {

constexpr std::int64_t tenth_us = 100'000;
constexpr std::size_t padding_bits_max = 24;  // some libraries fill up to whole bytes and letters
constexpr unsigned vendors_max = 65'535;
constexpr unsigned ranges_max = 4'095;  // 12 bits

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Code::invalid_input, std::string("this is no TC string: ").append(what));
}

std::optional<std::string> letters(BitReader& in) {
  std::string out;
  for (int i = 0; i < 2; ++i) {
    const auto n = in.take(6);
    if (n > 25) return std::nullopt;
    out += static_cast<char>('A' + n);
  }
  return out;
}

Instant instant(BitReader& in) { return Instant{static_cast<std::int64_t>(in.take(36)) * tenth_us}; }

/// Nothing: not ascending, or beyond `last`.
std::optional<Vendors> ranges(BitReader& in, unsigned last) {
  Vendors out;
  const auto n = in.take(12);
  for (std::uint64_t i = 0; i < n && in.ok(); ++i) {
    const bool range = in.flag();
    const auto from = in.take(16);
    const auto to = range ? in.take(16) : from;
    if (from == 0 || to < from || to > last || (!out.empty() && from <= out.back()))
      return std::nullopt;
    for (auto id = from; id <= to; ++id) out.push_back(static_cast<std::uint16_t>(id));
  }
  return out;
}

std::optional<Vendors> vendors(BitReader& in) {
  const auto last = static_cast<unsigned>(in.take(16));
  if (in.flag()) return ranges(in, last);
  Vendors out;
  if (last > in.left()) return std::nullopt;
  for (unsigned id = 1; id <= last; ++id)
    if (in.flag()) out.push_back(static_cast<std::uint16_t>(id));
  return out;
}

/// First bit first: purpose 1 comes first on the wire and is bit 0 here.
PurposeSet set(BitReader& in, unsigned n) {
  PurposeSet out = 0;
  for (unsigned i = 0; i < n; ++i) out |= PurposeSet{in.take(1)} << i;
  return out;
}

Result<std::vector<Restriction>> restrictions(BitReader& in) {
  std::vector<Restriction> out;
  std::size_t named = 0;  // a list of ranges is short and what it names may be long
  const auto n = in.take(12);
  for (std::uint64_t i = 0; i < n && in.ok(); ++i) {
    Restriction r{.purpose = static_cast<unsigned>(in.take(6))};
    const auto kind = in.take(2);
    auto ids = ranges(in, vendors_max);
    if (kind > 2 || r.purpose == 0 || !ids)
      return wrong("a restriction of its publisher cannot be read");
    named += ids->size();
    if (named > std::size_t{16} * vendors_max) return wrong("its restrictions name too many vendors");
    r.kind = static_cast<Restriction::Kind>(kind);
    r.vendors = std::move(*ids);
    out.push_back(std::move(r));
  }
  return out;
}

Status end_of(const BitReader& in, std::string_view what) {
  if (!in.ok()) return wrong(std::string(what) + " is cut short");
  if (!in.padded(padding_bits_max)) return wrong("something stands behind " + std::string(what));
  return {};
}

Result<BitReader> bits_of(std::string_view text) {
  auto in = BitReader::of(text);
  if (!in) return wrong("it has a letter beyond A-Z a-z 0-9 - _");
  return std::move(*in);
}

Result<TcString> core(std::string_view text) {
  BitReader in = TRY(bits_of(text));
  TcString tc;
  if (const auto version = in.take(6); version != 2)
    return wrong("its version is " + std::to_string(version) + ", not 2");
  tc.created = instant(in);
  tc.updated = instant(in);
  tc.cmp = static_cast<unsigned>(in.take(12));
  tc.cmp_version = static_cast<unsigned>(in.take(12));
  tc.screen = static_cast<unsigned>(in.take(6));
  const auto language = letters(in);
  tc.vendor_list = static_cast<unsigned>(in.take(12));
  tc.policy = static_cast<unsigned>(in.take(6));
  tc.service_specific = in.flag();
  tc.other_texts = in.flag();
  tc.special_features = set(in, 12);
  tc.consent = set(in, 24);
  tc.interest = set(in, 24);
  tc.one_treatment = in.flag();
  const auto country = letters(in);
  if (!in.ok()) return wrong("its core is cut short");
  if (!language || !country) return wrong("its language or country is no two letters");
  tc.language = *language;
  tc.country = *country;
  auto consent = vendors(in);
  auto interest = consent ? vendors(in) : std::nullopt;
  if (!interest) return wrong("a list of vendors cannot be read");
  tc.vendor_consent = std::move(*consent);
  tc.vendor_interest = std::move(*interest);
  tc.restrictions = TRY(restrictions(in));
  TRY(end_of(in, "its core"));
  return tc;
}

Status publisher(BitReader& in, TcString& tc) {
  PublisherSegment p;
  p.consent = set(in, 24);
  p.interest = set(in, 24);
  p.custom = static_cast<unsigned>(in.take(6));
  p.custom_consent = set(in, p.custom);
  p.custom_interest = set(in, p.custom);
  if (tc.publisher) return wrong("its publisher's segment stands twice");
  tc.publisher = p;
  return {};
}

Status segment(std::string_view text, TcString& tc) {
  BitReader in = TRY(bits_of(text));
  const auto kind = in.take(3);
  if (kind == 3) {
    TRY(publisher(in, tc));
  } else if (kind == 1 || kind == 2) {
    auto& list = kind == 1 ? tc.disclosed : tc.allowed;
    if (list) return wrong("a segment stands twice");
    list = vendors(in);
    if (!list) return wrong("a list of vendors cannot be read");
  } else {
    return wrong("it has a segment of kind " + std::to_string(kind) + "; 1, 2 and 3 are known");
  }
  return end_of(in, "a segment");
}

void put_letters(BitWriter& out, std::string_view text) {
  for (const char c : text) out.put(static_cast<std::uint64_t>(c - 'A'), 6);
}

void put_set(BitWriter& out, PurposeSet set, unsigned n) {
  for (unsigned i = 0; i < n; ++i) out.flag((set >> i & 1) != 0);
}

struct Range {
  std::uint16_t from = 0, to = 0;
};

std::vector<Range> ranges_of(const Vendors& ids) {
  std::vector<Range> out;
  for (const std::uint16_t id : ids) {
    if (!out.empty() && out.back().to + 1 == id) {
      out.back().to = id;
    } else {
      out.push_back({id, id});
    }
  }
  return out;
}

std::size_t bits_of(const std::vector<Range>& ranges) {
  std::size_t out = 12;
  for (const Range& r : ranges) out += r.from == r.to ? 17 : 33;
  return out;
}

void put_ranges(BitWriter& out, const std::vector<Range>& ranges) {
  out.put(ranges.size(), 12);
  for (const Range& r : ranges) {
    out.flag(r.from != r.to);
    out.put(r.from, 16);
    if (r.from != r.to) out.put(r.to, 16);
  }
}

void put_vendors(BitWriter& out, const Vendors& ids) {
  const unsigned last = ids.empty() ? 0 : ids.back();
  const auto ranges = ranges_of(ids);
  out.put(last, 16);
  const bool short_ranges = ranges.size() <= ranges_max && bits_of(ranges) < last;
  out.flag(short_ranges);
  if (short_ranges) return put_ranges(out, ranges);
  std::size_t next = 0;
  for (unsigned id = 1; id <= last; ++id) {
    out.flag(ids[next] == id);
    if (ids[next] == id) ++next;
  }
}

std::string segment_of(unsigned kind, const Vendors& ids) {
  BitWriter out;
  out.put(kind, 3);
  put_vendors(out, ids);
  return '.' + out.letters();
}

std::string segment_of(const PublisherSegment& p) {
  BitWriter out;
  out.put(3, 3);
  put_set(out, p.consent, 24);
  put_set(out, p.interest, 24);
  out.put(p.custom, 6);
  put_set(out, p.custom_consent, p.custom);
  put_set(out, p.custom_interest, p.custom);
  return '.' + out.letters();
}

std::uint64_t tenths(Instant at) { return static_cast<std::uint64_t>(at.us / tenth_us); }

}  // namespace

Result<TcString> parse_tc(std::string_view text) {
  if (text.empty()) return wrong("it is empty");
  if (text.size() > tc_bytes_max) return wrong("it is longer than 32 kB");
  const auto end = text.find('.');
  TcString tc = TRY(core(text.substr(0, end)));
  for (std::size_t at = end; at != text.npos;) {
    const auto next = text.find('.', at + 1);
    TRY(segment(text.substr(at + 1, next == text.npos ? next : next - at - 1), tc));
    at = next;
  }
  return tc;
}

std::string write_tc(const TcString& tc) {
  BitWriter out;
  out.put(2, 6);
  out.put(tenths(tc.created), 36);
  out.put(tenths(tc.updated), 36);
  out.put(tc.cmp, 12);
  out.put(tc.cmp_version, 12);
  out.put(tc.screen, 6);
  put_letters(out, tc.language);
  out.put(tc.vendor_list, 12);
  out.put(tc.policy, 6);
  out.flag(tc.service_specific);
  out.flag(tc.other_texts);
  put_set(out, tc.special_features, 12);
  put_set(out, tc.consent, 24);
  put_set(out, tc.interest, 24);
  out.flag(tc.one_treatment);
  put_letters(out, tc.country);
  put_vendors(out, tc.vendor_consent);
  put_vendors(out, tc.vendor_interest);
  out.put(tc.restrictions.size(), 12);
  for (const Restriction& r : tc.restrictions) {
    out.put(r.purpose, 6);
    out.put(static_cast<std::uint64_t>(r.kind), 2);
    put_ranges(out, ranges_of(r.vendors));
  }
  std::string text = out.letters();
  if (tc.disclosed) text += segment_of(1, *tc.disclosed);
  if (tc.allowed) text += segment_of(2, *tc.allowed);
  if (tc.publisher) text += segment_of(*tc.publisher);
  return text;
}

Instant tc_ends(const TcString& tc) {
  constexpr auto thirteen_months = std::chrono::days(396);  // the longest that 13 months can be
  return tc.updated + thirteen_months;
}

Status check_tc(const TcString& tc, Instant now) {
  const auto no = [](std::string_view why) -> Status {
    return fail(Code::invalid_input, std::string("this TC string is not valid: ").append(why));
  };
  constexpr auto skew = std::chrono::hours(24);  // dates are cut to the day
  static const Instant disclosed_since = *parse_instant("2026-02-28T00:00:00Z");
  if (!tc.service_specific) return no("it is not for one service alone, and global scope has ended");
  if (tc.created > now + skew || tc.updated > now + skew) return no("it comes from the future");
  if (tc.updated < tc.created) return no("it was updated before it was created");
  if (tc_ends(tc) <= now) return no("it is older than 13 months, so the person must be asked again");
  if (tc.created > disclosed_since && !tc.disclosed)
    return no("it was made after 2026-02-28 and does not say which vendors were disclosed (TCF 2.3)");
  constexpr PurposeSet never_interest = 0b11'1101;  // purposes 1 and 3 to 6
  if (tc.policy >= 4 && (tc.interest & never_interest) != 0)
    return no("it claims a legitimate interest for a purpose that needs consent (1, 3 to 6)");
  return {};
}

}  // namespace hospes::signal
