// Templates that an editor pastes, rendered with a person who has a little of everything.
#include "liquid/template.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  using liquid::Value;
  const std::string source(fuzz::text_of(data, size));
  const auto part = [&](std::string_view name) -> std::optional<std::string> {
    return name == "self" ? std::optional(source) : std::nullopt;
  };
  const auto made = liquid::Template::compile(source, "t", part);
  if (!made) {
    fuzz::must(
        made.error().message.starts_with("t:") || made.error().message.starts_with("self:"),
        "a mistake is told where it is"
    );
    return 0;
  }
  const liquid::Object person{
      {"name", "Zo\u00e9 <b>"},
      {"n", std::int64_t{3}},
      {"price", Decimal{12'500'000}},
      {"list", liquid::Array{Value(std::int64_t{2}), Value("b"), Value()}},
      {"items", liquid::Array{liquid::Object{{"t", "x"}, {"p", Decimal{1}}}}}};
  const liquid::Setting setting{
      .now = {1'795'773'600'000'000},
      .limits = {.steps_max = 5'000, .bytes_max = 65'536, .made_bytes_max = 262'144}};
  const auto once = made->render(person, setting);
  const auto twice = made->render(person, setting);
  fuzz::must(once.has_value() == twice.has_value(), "the same comes of the same");
  if (once) fuzz::must(once->text == twice->text, "the same comes of the same");
  return 0;
}
