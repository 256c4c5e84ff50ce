// decisions.toml. toml++ throws; nothing it throws leaves here.
#include "catalog/decisions.h"

#include "catalog/decisions_toml.h"
#include "catalog/house.h"
#include "catalog/toml_values.h"

namespace hospes::catalog {
namespace {

constexpr std::size_t payload_bytes_max = 16'384;  // of one language
constexpr std::int64_t priority_max = 1'000'000;

template <class T>
std::vector<std::string> names_of(const std::vector<T>& list) {
  std::vector<std::string> out;
  for (const T& one : list) out.push_back(one.name);
  return out;
}

template <class T>
const T* named(const std::vector<T>& list, std::string_view name) {
  const auto at = std::ranges::find(list, name, &T::name);
  return at == list.end() ? nullptr : &*at;
}

/// `out` names one of `list`, or is empty.
template <class T>
Status read_one_of(
    const Place& place, std::string_view key, const std::vector<T>& list, std::string& out
) {
  TRY(read(place, key, out));
  if (!place.table.contains(key) || named(list, out) != nullptr) return {};
  return wrong_at(
      place, key, place.what + " names no " + std::string(key) + " of this file: \"" + out + "\"" +
                      nearest_hint(out, names_of(list))
  );
}

Status read_purpose(
    const Place& place, const Purposes& purposes, std::optional<PurposeBit>& out
) {
  if (!place.table.contains("purpose")) return {};
  std::string name;
  TRY(read(place, "purpose", name));
  const auto known = purposes.named(name);
  if (!known) return wrong_at(place, "purpose", known.error().message);
  out = *known;
  return {};
}

/// What looks at a person says for what.
Status check_purpose(
    const Place& place, const std::optional<PurposeBit>& purpose,
    std::initializer_list<std::string_view> keys
) {
  if (purpose) return {};
  for (const std::string_view key : keys) {
    if (!place.table.contains(key)) continue;
    return wrong_at(
        place, key,
        place.what + " looks at a person by its " + std::string(key) +
            ", so it needs the purpose that this serves, such as purpose = \"personalise\""
    );
  }
  return {};
}

Result<Placement> read_placement(const Place& place) {
  TRY(only_keys(place, {"name", "public", "items"}));
  Placement out;
  TRY(read_name(place, out.name));
  const Place row{place.table, place.file, "placement \"" + out.name + "\""};
  TRY(read(row, "public", out.is_public));
  TRY(read_count(row, "items", 1, Decisions::items_max, out.items));
  return out;
}

Status read_variants(const Place& place, Experiment& out) {
  const toml::table* table = TRY(sub_table(place, "variants"));
  const std::string must = "variants in " + place.what +
                           " are names with weights that add up to 10,000, such as { a = 5000, b = "
                           "5000 }; two to sixteen of them";
  if (table == nullptr) return wrong_at(place, "variants", must);
  std::uint64_t sum = 0;
  for (const auto& [key, node] : *table) {
    const auto weight = node.value_exact<std::int64_t>();
    if (!is_slug(key.str()) || !weight || *weight < 1 || *weight > whole_share)
      return wrong(place.file, node, must);
    out.variants.push_back({std::string(key.str()), static_cast<std::uint32_t>(*weight)});
    sum += out.variants.back().weight;
  }
  if (sum == whole_share && out.variants.size() >= 2 &&
      out.variants.size() <= Decisions::variants_max)
    return {};
  return wrong_at(place, "variants", must + "; these make " + std::to_string(sum));
}

Result<Experiment> read_experiment(const Place& place, const Purposes& purposes) {
  TRY(only_keys(
      place, {"name", "version", "purpose", "segment", "salt", "holdout", "variants"}
  ));
  Experiment out;
  TRY(read_name(place, out.name));
  const Place row{place.table, place.file, "experiment \"" + out.name + "\""};
  TRY(read_count(row, "version", 1, 1'000'000, out.version));
  TRY(read_purpose(row, purposes, out.purpose));
  TRY(check_purpose(row, out.purpose, {"name"}));
  TRY(read(row, "segment", out.segment));
  TRY(read(row, "salt", out.salt));
  TRY(read_share(row, "holdout", out.holdout));
  TRY(read_variants(row, out));
  return out;
}

/// `12.90 EUR`.
Status read_price(const Place& place, Offer& out) {
  if (!place.table.contains("price")) return {};
  std::string text;
  TRY(read(place, "price", text));
  const auto space = text.find(' ');
  const auto amount = parse_decimal(std::string_view(text).substr(0, space));
  const std::string currency = space == text.npos ? "" : text.substr(space + 1);
  if (!amount || amount->micro < 0 || !is_currency(currency))
    return wrong_at(
        place, "price", "price in " + place.what + " is an amount and a currency, such as \"12.90 EUR\""
    );
  out.price = {*amount, currency};
  return {};
}

bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !parse_instant(text)) return false;
  return true;
}

Status read_days(const Place& place, Offer& out) {
  for (auto [key, to] : {std::pair{"from", &out.from}, std::pair{"until", &out.until}}) {
    if (!place.table.contains(key)) continue;
    TRY(read(place, key, *to));
    if (!is_day(*to))
      return wrong_at(
          place, key,
          std::string(key) + " in " + place.what + " is a day in quotes, such as \"2026-11-01\""
      );
  }
  if (!out.from.empty() && !out.until.empty() && out.until < out.from)
    return wrong_at(place, "until", place.what + " ends before it begins");
  return {};
}

Status read_payload(const Place& place, Offer& out) {
  const toml::table* table = TRY(sub_table(place, "payload"));
  if (table == nullptr || table->empty())
    return wrong_at(
        place, "payload",
        place.what + " needs what it shows, by language, such as payload.en = { title = \"…\" }"
    );
  for (const auto& [key, node] : *table) {
    std::string json = json_of(node);
    if (key.str().size() != 2 || !node.is_table() || json.size() > payload_bytes_max)
      return wrong(
          place.file, node,
          "payload in " + place.what +
              " is a table for each language by its two letters, 16 kB at most each"
      );
    out.payload.emplace_back(key.str(), std::move(json));
  }
  return {};
}

Status read_trial(const Place& place, const Decisions& all, Offer& out) {
  TRY(read_one_of(place, "experiment", all.experiments, out.experiment));
  TRY(read(place, "variant", out.variant));
  if (out.experiment.empty() != out.variant.empty())
    return wrong_at(place, "variant", place.what + " needs experiment and variant, or neither");
  if (out.experiment.empty()) return {};
  const Experiment& trial = *all.experiment(out.experiment);
  if (trial.variant(out.variant) != nullptr) return {};
  return wrong_at(
      place, "variant", "experiment \"" + trial.name + "\" has no variant \"" + out.variant + "\"" +
                            nearest_hint(out.variant, names_of(trial.variants))
  );
}

Status read_limits(const Place& place, Offer& out) {
  std::int64_t priority = 0;
  TRY(read(place, "priority", priority));
  if (priority < -priority_max || priority > priority_max)
    return wrong_at(place, "priority", "priority in " + place.what + " is at most 1,000,000");
  out.priority = priority;
  TRY(read_count(place, "cap_per_day", 0, 1'000, out.cap_per_day));
  TRY(read_count(place, "cap_total", 0, 1'000'000, out.cap_total));
  if (!place.table.contains("stock")) return {};
  std::uint32_t stock = 0;
  TRY(read_count(place, "stock", 0, Decisions::stock_max, stock));
  out.stock = stock;
  return {};
}

/// So that the probability of each choice can be told exactly, and read off one experiment.
Status check_one_trial(const Place& place, const Offer& offer, const Decisions& all) {
  if (offer.experiment.empty()) return {};
  for (const Offer& other : all.offers) {
    if (other.experiment.empty() || other.experiment == offer.experiment) continue;
    for (const std::string& slot : other.placements) {
      if (std::ranges::find(offer.placements, slot) == offer.placements.end()) continue;
      return wrong_at(
          place, "experiment", "placement \"" + slot + "\" is of experiment \"" + other.experiment +
                                   "\" already (offer \"" + other.name +
                                   "\"); one placement has one experiment"
      );
    }
  }
  return {};
}

Result<Offer> read_offer(const Place& place, const Purposes& purposes, const Decisions& all) {
  TRY(only_keys(
      place, {"name", "placements", "purpose", "segment", "experiment", "variant", "priority",
              "price", "stock", "from", "until", "cap_per_day", "cap_total", "payload"}
  ));
  Offer out;
  TRY(read_name(place, out.name));
  const Place row{place.table, place.file, "offer \"" + out.name + "\""};
  TRY(read(row, "placements", out.placements));
  if (out.placements.empty())
    return wrong_at(row, "placements", row.what + " needs the placements it may stand in");
  for (const std::string& name : out.placements) {
    if (named(all.placements, name) == nullptr)
      return wrong_at(
          row, "placements", row.what + " names no placement of this file: \"" + name + "\"" +
                                 nearest_hint(name, names_of(all.placements))
      );
  }
  TRY(read_purpose(row, purposes, out.purpose));
  TRY(read(row, "segment", out.segment));
  TRY(read_trial(row, all, out));
  TRY(check_purpose(row, out.purpose, {"segment", "experiment", "cap_per_day", "cap_total"}));
  TRY(read_limits(row, out));
  TRY(read_price(row, out));
  TRY(read_days(row, out));
  TRY(read_payload(row, out));
  TRY(check_one_trial(row, out, all));
  return out;
}

Status read_values(const Place& place, Flag& out) {
  const toml::table* table = TRY(sub_table(place, "values"));
  const std::string must = "values in " + place.what +
                           " are one to sixteen names with what the code gets, all of one type, "
                           "such as { on = true, off = false }";
  if (table == nullptr || table->empty() || table->size() > Decisions::variants_max)
    return wrong_at(place, "values", must);
  std::optional<toml::node_type> type;
  for (const auto& [key, node] : *table) {
    const auto of_node = node.is_floating_point() ? toml::node_type::integer : node.type();
    if (type && *type != of_node) return wrong(place.file, node, must);
    type = of_node;
    std::string json = json_of(node);
    if (!is_slug(key.str()) || json.size() > payload_bytes_max) return wrong(place.file, node, must);
    out.values.push_back({std::string(key.str()), std::move(json)});
  }
  return {};
}

Status read_rule(const Place& place, const Decisions& all, Flag& out) {
  TRY(only_keys(place, {"segment", "value", "experiment"}));
  FlagRule rule;
  TRY(read(place, "segment", rule.segment));
  TRY(read_one_of(place, "value", out.values, rule.value));
  TRY(read_one_of(place, "experiment", all.experiments, rule.experiment));
  const bool by_segment = !rule.segment.empty() && !rule.value.empty() && rule.experiment.empty();
  const bool by_trial = rule.segment.empty() && rule.value.empty() && !rule.experiment.empty();
  if (!by_segment && !by_trial)
    return wrong(
        place.file, place.table,
        "a rule in " + place.what +
            " is { segment = \"…\", value = \"…\" } or { experiment = \"…\" }"
    );
  if (by_trial) {
    for (const Variant& v : all.experiment(rule.experiment)->variants) {
      if (out.value(v.name) != nullptr) continue;
      return wrong_at(
          place, "experiment", "experiment \"" + rule.experiment + "\" has a variant \"" + v.name +
                                   "\" that is no value of " + place.what
      );
    }
  }
  out.rules.push_back(std::move(rule));
  return {};
}

Result<Flag> read_flag(const Place& place, const Purposes& purposes, const Decisions& all) {
  TRY(only_keys(place, {"name", "public", "enabled", "purpose", "values", "default", "rules"}));
  Flag out;
  TRY(read_name(place, out.name));
  const Place row{place.table, place.file, "flag \"" + out.name + "\""};
  TRY(read(row, "public", out.is_public));
  TRY(read(row, "enabled", out.enabled));
  TRY(read_purpose(row, purposes, out.purpose));
  TRY(read_values(row, out));
  if (!place.table.contains("default"))
    return wrong(place.file, place.table, row.what + " needs a default, one of its values");
  TRY(read_one_of(row, "default", out.values, out.default_value));
  for (const toml::table* rule : TRY(sub_tables(row, "rules")))
    TRY(read_rule({*rule, place.file, row.what}, all, out));
  if (out.rules.size() > Decisions::rules_max)
    return wrong_at(row, "rules", row.what + " has more than 32 rules");
  if (!out.rules.empty()) TRY(check_purpose(row, out.purpose, {"rules"}));
  return out;
}

Status read_holdout(const Place& place, Decisions& out) {
  const toml::table* table = TRY(sub_table(place, "holdout"));
  if (table == nullptr) return {};
  const Place row{*table, place.file, "[holdout]"};
  TRY(only_keys(row, {"share", "salt"}));
  TRY(read_share(row, "share", out.holdout));
  TRY(read(row, "salt", out.holdout_salt));
  return {};
}

/// Reads each [[key]] with `one` into `list`; names are unique.
template <class T, class One>
Status read_rows(
    const Place& place, std::string_view key, std::size_t most, std::vector<T>& list, const One& one
) {
  for (const toml::table* table : TRY(sub_tables(place, key))) {
    const Place row{*table, place.file, "[[" + std::string(key) + "]]"};
    T read_row = TRY(one(row));
    if (named(list, read_row.name) != nullptr)
      return wrong_at(
          row, "name", "two " + std::string(key) + "s are called \"" + read_row.name + "\""
      );
    list.push_back(std::move(read_row));
    if (list.size() > most)
      return wrong(
          place.file, *table,
          "this file holds at most " + std::to_string(most) + " " + std::string(key) + "s"
      );
  }
  return {};
}

}  // namespace

const Variant* Experiment::variant(std::string_view of) const { return named(variants, of); }
const FlagValue* Flag::value(std::string_view of) const { return named(values, of); }
const Experiment* Decisions::experiment(std::string_view of) const {
  return named(experiments, of);
}

Result<Decisions> read_decisions(const Place& place, const Purposes& purposes) {
  TRY(only_keys(place, {"holdout", "placement", "experiment", "offer", "flag"}));
  Decisions out;
  TRY(read_holdout(place, out));
  TRY(read_rows(place, "placement", Decisions::placements_max, out.placements, read_placement));
  TRY(read_rows(place, "experiment", Decisions::experiments_max, out.experiments, [&](const Place& p) {
    return read_experiment(p, purposes);
  }));
  TRY(read_rows(place, "offer", Decisions::offers_max, out.offers, [&](const Place& p) {
    return read_offer(p, purposes, out);
  }));
  TRY(read_rows(place, "flag", Decisions::flags_max, out.flags, [&](const Place& p) {
    return read_flag(p, purposes, out);
  }));
  return out;
}

Result<Decisions> read_decisions(std::string_view text, const Purposes& purposes) {
  const toml::table table = TRY(parse_toml(text, "decisions.toml"));
  Decisions out = TRY(read_decisions(Place{table, "decisions.toml", "decisions.toml"}, purposes));
  out.text = text;
  return out;
}

}  // namespace hospes::catalog
