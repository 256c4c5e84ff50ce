#include "activate/mapping.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace hospes::activate {
namespace {

liquid::Object data_of(const flow::Effected& what, const std::string& who) {
  const outbox::Effect& e = what.effect;
  const outbox::Passage& p = e.passage;
  liquid::Object data{
      {"effect", to_hex(e.key)},
      {"action", e.rule},
      {"version", std::int64_t{e.version}},
      {"purpose", e.purpose},
      {"person", who},
      {"simulated", what.simulated}};
  if (!p.journey.empty()) {
    data.emplace_back("journey", p.journey);
    data.emplace_back("step", p.step);
  } else {
    data.emplace_back("segment", p.segment);
    data.emplace_back("to", p.entered ? "in" : "out");
  }
  return data;
}

}  // namespace

Result<Mapping> Mapping::read(
    const std::string& house_folder, std::string_view name, std::string house_name,
    const zones::Zone* zone
) {
  const std::string file = "mappings/" + std::string(name) + ".liquid";
  if (name.contains('/') || name.starts_with('.'))
    return fail(Code::invalid_input, "a mapping is named as its file in mappings/, without .liquid");
  std::ifstream in(std::filesystem::path(house_folder) / file, std::ios::binary);
  if (!in.is_open()) return fail(Code::unavailable, "cannot read " + file + " of the house folder");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  Mapping out(file, TRY(liquid::Template::compile(text, file)));
  out.house_ = std::move(house_name);
  out.zone_ = zone;
  return out;
}

std::variant<std::string, Unposted> Mapping::make(
    const flow::Effected& what, const Reading& reading, const std::string& who, Instant now
) const {
  const outbox::Passage& p = what.effect.passage;
  const char* type = !p.journey.empty() ? "journey.step" : p.entered ? "segment.entered" : "segment.left";
  const liquid::Object names{
      {"type", type},
      {"timestamp", to_string(p.at)},
      {"data", data_of(what, who)},
      {"person", reading.person},
      {"offer", reading.offer},
      {"house", liquid::Object{{"name", house_}}}};
  liquid::Setting setting{.escape = false, .json = true, .zone = zone_, .now = now};
  setting.language = reading.language.starts_with("en") ? liquid::Language::en : liquid::Language::fr;
  auto made = form_.render(names, setting);
  if (!made) return Unposted{outbox::Reason::unrenderable, made.error().message};
  if (made->aborted) return Unposted{outbox::Reason::aborted, *made->aborted};
  if (!nlohmann::json::accept(made->text))
    return Unposted{outbox::Reason::unrenderable, name_ + " made no JSON for this person"};
  return std::move(made->text);
}

}  // namespace hospes::activate
