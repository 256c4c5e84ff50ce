#include "signal/gpp.h"

#include <utility>

#include "signal/bits.h"

namespace hospes::signal {
namespace {

constexpr std::size_t padding_bits_max = 24;
constexpr unsigned fibonacci_terms = 18;  // 1, 2, 3, 5 … 4181: beyond every id

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Code::invalid_input, std::string("this is no GPP string: ").append(what));
}

/// Zero: no such number.
unsigned take_fibonacci(BitReader& in) {
  unsigned out = 0, term = 1, next = 2;
  for (unsigned i = 0, last = 0; i < fibonacci_terms && in.ok(); ++i) {
    const unsigned bit = in.flag() ? 1 : 0;
    if (bit == 1 && last == 1) return out;
    out += bit * term;
    last = bit;
    next += std::exchange(term, next);
  }
  return 0;
}

/// Zeckendorf's form, smallest term first, then a 1. Precondition: 0 < n ≤ gpp_ids_max.
void put_fibonacci(BitWriter& out, unsigned n) {
  std::vector<unsigned> terms = {1, 2};
  while (terms.back() <= n) terms.push_back(terms[terms.size() - 1] + terms[terms.size() - 2]);
  std::size_t size = terms.size();
  while (terms[size - 1] > n) --size;
  std::vector<bool> bits(size);
  for (std::size_t i = size; i-- > 0;) {
    if (terms[i] > n) continue;
    bits[i] = true;
    n -= terms[i];
  }
  for (const bool bit : bits) out.flag(bit);
  out.flag(true);
}

Result<std::vector<unsigned>> ids_of(std::string_view header) {
  auto in = BitReader::of(header);
  if (!in) return wrong("its header has a letter beyond A-Z a-z 0-9 - _");
  if (in->take(6) != 3 || in->take(6) != 1) return wrong("its header is not of version 1");
  std::vector<unsigned> out;
  unsigned last = 0;
  const auto n = in->take(12);
  for (std::uint64_t i = 0; i < n; ++i) {
    const bool range = in->flag();
    const unsigned step = take_fibonacci(*in);
    const unsigned length = range ? take_fibonacci(*in) : 0;
    if (!in->ok() || step == 0 || (range && length == 0) || last + step + length > gpp_ids_max)
      return wrong("the section ids of its header cannot be read");
    for (unsigned id = last + step; id <= last + step + length; ++id) out.push_back(id);
    last = out.back();
  }
  if (!in->ok() || !in->padded(padding_bits_max)) return wrong("its header is cut short or too long");
  return out;
}

}  // namespace

bool looks_like_gpp(std::string_view text) { return text.starts_with("DB"); }

Result<std::vector<GppSection>> parse_gpp(std::string_view text) {
  if (text.size() > 4 * tc_bytes_max) return wrong("it is longer than 128 kB");
  const auto end = text.find('~');
  const auto ids = TRY(ids_of(text.substr(0, end)));
  std::vector<GppSection> out;
  for (std::size_t at = end; at != text.npos && out.size() <= ids.size();) {
    const auto next = text.find('~', at + 1);
    const auto size = next == text.npos ? next : next - at - 1;
    out.push_back({out.size() < ids.size() ? ids[out.size()] : 0, std::string(text.substr(at + 1, size))});
    at = next;
  }
  if (out.size() != ids.size())
    return wrong(
        "its header names " + std::to_string(ids.size()) + " sections, and another number follows"
    );
  return out;
}

std::string write_gpp(const std::vector<GppSection>& sections) {
  struct Run {
    unsigned from = 0, to = 0;
  };
  std::vector<Run> runs;
  std::string texts;
  for (const GppSection& s : sections) {
    if (!runs.empty() && runs.back().to + 1 == s.id) {
      runs.back().to = s.id;
    } else {
      runs.push_back({s.id, s.id});
    }
    texts.append("~").append(s.text);
  }
  BitWriter out;
  out.put(3, 6);
  out.put(1, 6);
  out.put(runs.size(), 12);
  unsigned last = 0;
  for (const Run& run : runs) {
    out.flag(run.from != run.to);
    put_fibonacci(out, run.from - last);
    if (run.from != run.to) put_fibonacci(out, run.to - run.from);
    last = run.to;
  }
  return out.letters() + texts;
}

}  // namespace hospes::signal
