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

}  // namespace
}  // namespace hospes::liquid
