// What a destination wants to hear instead of the house's own words: mappings/NAME.liquid, one JSON
// text. Values stand in it as parts of texts, so that no trait of a person writes JSON; `| json`
// gives a whole value.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "activate/letters.h"
#include "activate/reading.h"
#include "flow/apply.h"
#include "liquid/template.h"

namespace hospes::activate {

class Mapping {
 public:
  /// invalid_input: file, line, column; unavailable: it cannot be read.
  static Result<Mapping> read(
      const std::string& house_folder, std::string_view name, std::string house_name,
      const zones::Zone* zone
  );

  /// `who`: `kind:value` of the anchor. The template sees `person`, `house`, `offer` (of a journey that decided) and the members of the
  /// usual payload: `type`, `timestamp`, `data`. Unposted also when it made no JSON.
  std::variant<std::string, Unposted> make(
      const flow::Effected& what, const Reading& reading, const std::string& who, Instant now
  ) const;

 private:
  Mapping(std::string name, liquid::Template form) : name_(std::move(name)), form_(std::move(form)) {}
  std::string name_;
  liquid::Template form_;
  std::string house_;
  const zones::Zone* zone_ = nullptr;
};

}  // namespace hospes::activate
