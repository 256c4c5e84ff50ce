#include "guest/leaves.h"

#include <algorithm>

#include "receipt/canonical.h"
#include "receipt/notary.h"

namespace hospes::guest {
namespace {

std::optional<Leaf> read(const receipt::TransparencyLog& log, std::uint64_t number) {
  const auto record = log.record(number);
  if (!record) return std::nullopt;  // its key is gone
  const auto members = receipt::read_members(*record);
  if (!members) return std::nullopt;
  Leaf out{.number = number};
  for (const auto& [name, value] : members->of)
    out.record.emplace(name, receipt::text_of(value).value_or(value));
  return out;
}

std::vector<std::uint64_t> numbers(
    const receipt::TransparencyLog& log, const std::vector<AtomId>& atoms
) {
  std::vector<std::uint64_t> out;
  for (const AtomId atom : atoms)
    for (const std::uint64_t number : log.leaves_of(atom)) out.push_back(number);
  std::ranges::sort(out, std::greater());
  return out;
}

}  // namespace

std::string_view Leaf::of(std::string_view name) const {
  const auto at = record.find(std::string(name));
  return at == record.end() ? std::string_view() : at->second;
}

Instant Leaf::at() const { return parse_instant(of("at")).value_or(Instant{}); }

std::vector<Leaf> leaves(
    const receipt::TransparencyLog& log, const std::vector<AtomId>& atoms, std::string_view kind,
    std::size_t most
) {
  std::vector<Leaf> out;
  for (const std::uint64_t number : numbers(log, atoms)) {
    if (out.size() == most) break;
    auto one = read(log, number);
    if (!one) continue;
    const bool look = one->of("kind") == receipt::kind_of_look;
    if (kind.empty() ? look : one->of("kind") != kind) continue;
    out.push_back(std::move(*one));
  }
  return out;
}

std::optional<Leaf> leaf(
    const receipt::TransparencyLog& log, const std::vector<AtomId>& atoms, std::uint64_t number
) {
  const auto theirs = numbers(log, atoms);
  if (std::ranges::find(theirs, number) == theirs.end()) return std::nullopt;
  return read(log, number);
}

}  // namespace hospes::guest
