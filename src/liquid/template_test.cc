#include "liquid/template.h"

#include <gtest/gtest.h>

namespace hospes::liquid {
namespace {

std::string said(const Result<Template>& made) {
  return made ? "it compiles" : made.error().message;
}

TEST(Template, knows_what_it_reads_from_outside) {
  const auto made = Template::compile(
      "{% assign own = person.age | plus: extra %}{{ own }}{% for i in person.orders %}{{ i.total "
      "}}"
      "{{ forloop.index }}{% if i.sku == wish[0].sku %}{{ person['city'] }}{% endif %}{% endfor "
      "%}{{ i }}"
  );
  ASSERT_TRUE(made);
  EXPECT_EQ(
      made->reads(),
      (std::vector<std::string>{"extra", "i", "person.age", "person.city", "person.orders", "wish"})
  );
}

TEST(Template, says_what_is_wrong_in_which_part) {
  const auto part = [](std::string_view name) -> std::optional<std::string> {
    return name == "a" ? std::optional<std::string>("x\n{% render 'b' %}") : std::nullopt;
  };
  EXPECT_EQ(
      said(Template::compile("{% render 'a' %}", "welcome.fr", part)),
      "a:2:11  there is no part \"b\""
  );
  EXPECT_EQ(
      said(Template::compile("{% render 'c' %}", "welcome.fr", part)),
      "welcome.fr:1:11  there is no part \"c\""
  );
}

TEST(Template, a_part_that_renders_itself_ends) {
  const auto self = [](std::string_view) -> std::optional<std::string> {
    return "{% render 'self' %}";
  };
  const auto made = Template::compile("{% render 'self' %}", "t", self);
  ASSERT_TRUE(made);
  const auto rendered = made->render({}, {});
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().message, "self:1:10  parts render parts deeper than 32");
}

TEST(Template, a_long_message_is_refused_as_over_limit) {
  const auto made = Template::compile("{% for i in (1..40000) %}01234567890123456789{% endfor %}");
  ASSERT_TRUE(made);
  const auto rendered = made->render({}, {});
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().message, "template:1:26  the message is longer than 524288 bytes");
}

TEST(Template, an_aborted_message_says_why) {
  const auto made = Template::compile("a{% if n > 2 %}{% abort 'only ' | append: n %}{% endif %}b");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->render({{"n", std::int64_t{3}}}, {})->aborted, "only 3");
  EXPECT_EQ(made->render({{"n", std::int64_t{1}}}, {})->text, "ab");
}

TEST(Template, in_json_a_value_is_part_of_a_text_and_writes_none) {
  const Object names{
      {"evil", "\"},\"admin\":true,\"x\":\"\\\n<&"},
      {"list", Array{Value(std::int64_t{1}), Value("a\"b"), Value()}},
      {"none", Value()}};
  const auto made = [&](const char* source, bool json = true) {
    auto t = Template::compile(source);
    return t->render(names, {.escape = !json, .json = json})->text;
  };
  EXPECT_EQ(made(R"({"a":"{{ evil }}"})"), R"({"a":"\"},\"admin\":true,\"x\":\"\\\u000a<&"})");
  EXPECT_EQ(made(R"({"a":{{ evil | json }}})"), made(R"({"a":"{{ evil }}"})"));
  EXPECT_EQ(made(R"({{ list | json }} {{ none | json }})"), R"([1,"a\"b",null] null)");
  EXPECT_EQ(made(R"("{{ '"' | escape }}{{ '\' | escape }}")"), R"("&quot;\\")") << "HTML is no JSON";
  EXPECT_EQ(made(R"({% capture x %}{{ evil }}{% endcapture %}"{{ x }}")"), made(R"("{{ evil }}")"));
  EXPECT_EQ(made("{{ '<' | json }}", false), "&quot;&lt;&quot;") << "in HTML it is a value like any other";
  EXPECT_EQ(made("{{ 'abc' | sha256 }}"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(made("{{ none | sha256 | json }}"), "null");
}

}  // namespace
}  // namespace hospes::liquid
