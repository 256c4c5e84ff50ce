#include "segment/packaged.h"

namespace hospes::segment {
namespace {

struct Recipe {
  std::string_view id, name_en, name_fr, sentence_en, sentence_fr;
  Node (*predicate)(const Ingredients&);
};

Node twice_the_median(const Ingredients& of) {
  AgainstMedian out{.measure = {}, .test = Test::ge, .factor = Decimal::whole(2)};
  out.measure.select.event = of.event;
  out.measure.window.from = of.window;
  return {std::move(out), {}};
}

constexpr Recipe recipes[] = {
    {"power_users", "Power users", "Les plus actifs", "At least twice as active as the median of the house.",
     "Au moins deux fois plus actifs que la médiane de la maison.", twice_the_median},
};

}  // namespace

std::vector<std::string_view> packaged_ids() {
  std::vector<std::string_view> out;
  for (const Recipe& r : recipes) out.push_back(r.id);
  return out;
}

std::optional<Definition> packaged(std::string_view id, const Ingredients& of) {
  for (const Recipe& r : recipes) {
    if (r.id != id) continue;
    Definition out{.id = std::string(r.id), .purpose = of.purpose, .name_en = std::string(r.name_en),
                   .name_fr = std::string(r.name_fr), .sentence_en = std::string(r.sentence_en),
                   .sentence_fr = std::string(r.sentence_fr), .owner = {}, .folder = {}, .predicate = r.predicate(of),
                   .place = {}, .purpose_place = {}};
    return out;
  }
  return std::nullopt;
}

}  // namespace hospes::segment
