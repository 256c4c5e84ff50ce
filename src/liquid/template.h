// Liquid (Shopify's template language, as Braze, Customer.io and Dittofeed speak it): a template is
// compiled once and rendered for each person. Nothing is fetched while it renders. docs/liquid.md
// lists what there is and where it differs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "liquid/value.h"
#include "zones/zones.h"

namespace hospes::liquid {

enum class Language : std::uint8_t { en, fr };

/// A template that loops for ever ends here, with an error that says so.
struct Limits {
  std::size_t steps_max = 100'000;       // nodes written and rounds of loops
  std::size_t bytes_max = 512 * 1024;    // of the result
  std::size_t made_bytes_max = 4 << 20;  // by filters and captures on the way
  std::size_t depth_max = 32;            // of {% render %} in {% render %}
};

struct Setting {
  bool escape = true;  // `& < > " '` of every value, unless `| raw`
  bool json = false;   // instead, as a part of a text in JSON, unless `| raw` or `| json`
  Language language = Language::en;
  const zones::Zone* zone = nullptr;  // of dates without one; null: UTC
  Instant now;                        // `"now" | date: …`
  Limits limits = {};
};

struct Rendering {
  std::string text;
  std::optional<std::string> aborted;  // {% abort "reason" %}: this message is not to be sent
};

struct Compiled;

/// Source of a partial; nothing: there is none of that name.
using Partials = std::function<std::optional<std::string>(std::string_view name)>;

class Template {
 public:
  static constexpr std::size_t source_bytes_max = 512 * 1024;
  static constexpr std::size_t nesting_max = 64;  // of blocks in blocks

  /// invalid_input: `name:line:column  what is wrong`, with the nearest name where one was meant.
  /// `first_line`: where the source begins in the file of that name.
  static Result<Template> compile(
      std::string_view source, std::string_view name = "template", const Partials& partials = {},
      std::size_t first_line = 1
  );

  /// invalid_input: a value that a filter cannot take; over_limit: see Limits. Both say where.
  Result<Rendering> render(const Object& names, const Setting& setting) const;

  /// What it reads from outside, as `person.first_name`: sorted, each once; a step that is itself
  /// computed ends the path.
  const std::vector<std::string>& reads() const { return reads_; }

 private:
  std::shared_ptr<const Compiled> compiled_;
  std::vector<std::string> reads_;
};

}  // namespace hospes::liquid
