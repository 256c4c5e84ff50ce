#include "journey/text.h"

#include <gtest/gtest.h>

#include "journey/json.h"
#include "journey/validate.h"

namespace hospes::journey {
namespace {

constexpr std::string_view whole = R"(journey all purpose "contact:email"
  name en "All of it" fr "Tout"
  sentence en "Says \"everything\"" fr "Dit tout"
  holdout 2.5%
  enter segment active
  enter segment active left
  enter segment active with members
  enter event "Order Completed" where total > 50 and "odd name" in ("a", 2, true) key order_id
  enter request key "odd name"
  enter daily "09:30" on monday, friday segment active
  enter once "2026-12-01 10:00" segment active
  again after 90d
  late 2h
  debounce 10m
  waiting move (old to a, goal to c)
  paused
  goal event "Order Completed" where status exists and title starts "Blue"
  goal segment gold
  exit segment active left
  step a wait 14d
  step b wait until "09:00"
  step c wait until "23:59" on saturday, sunday
  step d wait until trait renewal before 3d else h
  step e wait until trait "odd trait" after 2h
  step f wait until trait born
  step f2 wait until 14d after entry
  step g wait for event "Order Completed" where total <= 10.5 within 3d else i
  step h wait for segment gold left within 7d
  step i branch in segment gold to j not in segment active to k else l
  step j split 90 to k, 10 to l
  step k send welcome else m
  step l send "odd action"
  step l2 webhook crm else l3
  step l3 decide home offer vinyl to l4 offer "odd offer" to l5 else l5
  step l4 update greeted = true
  step l5 update "odd trait" = "said \"so\""
  step l6 update points = -1.5
  step l7 update greeted_at = now
  step m jump a at most 3
  step n branch in segment gold to p
  step o goal
  step p exit
)";

TEST(text, the_canonical_text_reads_back) {
  const auto read = parse(whole);
  ASSERT_TRUE(read.has_value()) << segment::to_string(read.error(), "x.jny");
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(format(read->front()), whole);
  EXPECT_EQ(read->front().holdout, 250u);
  EXPECT_EQ(read->front().steps.size(), 23u);
}

TEST(text, a_pause_is_written_and_taken_out_and_nothing_else_changes) {
  const std::string two =
      "# the first\njourney a purpose market # of everybody\n  enter segment s\n  step x exit\n\n"
      "journey b purpose \"contact:email\" enter segment s\n  step x exit\n";
  const auto paused = with_pause(two, "a", true);
  ASSERT_TRUE(paused);
  EXPECT_EQ(paused->find("# the first\njourney a purpose market\n  paused # of everybody\n"), 0U) << *paused;
  const auto both = with_pause(*paused, "b", true);
  ASSERT_TRUE(both);
  EXPECT_NE(both->find("journey b purpose \"contact:email\"\n  paused enter segment s\n"), both->npos) << *both;
  const auto held = parse(*both).value();
  for (const Definition& d : held) EXPECT_TRUE(d.paused) << d.id;
  EXPECT_EQ(*with_pause(*both, "a", true), *both) << "it is already";
  const auto again = with_pause(*with_pause(*both, "a", false), "b", false);
  ASSERT_TRUE(again);
  const auto free = parse(*again).value();
  for (const Definition& d : free) EXPECT_FALSE(d.paused) << d.id;
  EXPECT_EQ(again->find("paused"), again->npos);
  EXPECT_NE(again->find("# of everybody"), again->npos);
  // Alone on its line the line goes too; said twice it goes twice.
  const std::string plain = "journey a purpose market\n  enter segment s\n  step x exit\n";
  EXPECT_EQ(*with_pause("journey a purpose market\n  paused\n  enter segment s\n\tpaused\r\n  step x exit\n", "a", false), plain);
  EXPECT_EQ(*with_pause(*with_pause(plain, "a", true), "a", false), plain);
  EXPECT_FALSE(with_pause(plain, "b", true));
  EXPECT_FALSE(with_pause("journey", "a", true));
}

TEST(text, one_journey_of_a_file_is_written_anew_and_the_rest_stays_as_it_was) {
  const std::string file =
      "# All.\n\n# The first.\njourney a purpose market # of everybody\n  enter segment s\n  step x exit  # the end\n\n"
      "# The second.\njourney b purpose market\n  enter segment s\n  step x exit\n# The end.\n";
  const std::string a = "journey a purpose market\n  enter segment s\n  step x wait 1d  # rests\n";
  const std::string out = with_journey(file, a + "\n  \n").value();
  EXPECT_EQ(out, "# All.\n\n# The first.\n" + a + file.substr(file.find("\n# The second.")));
  EXPECT_EQ(with_journey(out, a).value(), out);
  const std::string c = "journey c purpose market enter segment s step x exit";
  EXPECT_EQ(with_journey(file, c).value(), file + "\n" + c + "\n");
  EXPECT_EQ(with_journey("", c).value(), c + "\n");
  // Nothing of another is lost: refused instead.
  const std::string beside = "journey a purpose market enter segment s step x exit journey b purpose market enter segment s step x exit\n";
  EXPECT_FALSE(with_journey(beside, a));
  EXPECT_FALSE(with_journey(beside, "journey b purpose market enter segment s step x wait 1d"));
  EXPECT_FALSE(with_journey(file, a + c)) << "one at a time";
  EXPECT_FALSE(with_journey(file, ""));
  EXPECT_FALSE(with_journey("journey", a));
  EXPECT_FALSE(with_journey(file, "journey a"));
}

TEST(text, a_pause_is_no_version_and_holds_every_one) {
  const auto of = [](std::string_view text) { return *parse(text); };
  const std::string one = "journey a purpose market enter segment s step x wait 1d\n", two = "journey a purpose market enter segment s step x wait 2d\n";
  const auto paused = [](std::string text) { return text.insert(text.find(" enter"), " paused"); };
  const auto first = *parse_in_force(succession({}, of(one)));
  const auto second = *parse_in_force(succession(first, of(two)));
  ASSERT_EQ(second.size(), 2U);
  const auto held = *parse_in_force(succession(second, of(paused(two))));
  ASSERT_EQ(held.size(), 2U);
  for (const Versioned& v : held) EXPECT_TRUE(v.definition.paused);
  EXPECT_EQ(held.back().version, 2U);
  EXPECT_EQ(*parse_in_force(succession(held, of(two))), second);
}

std::string mistake(std::string_view steps, std::string_view clauses = " enter segment a\n") {
  const std::string source = std::string("journey j purpose market\n").append(clauses).append(steps);
  const auto read = parse(source);
  if (read) return "";
  return std::to_string(read.error().place.line) + ":" + std::to_string(read.error().place.column) + " " +
         read.error().message;
}

TEST(text, a_mistake_says_where_and_what_would_do) {
  EXPECT_EQ(mistake(" step s exit\n"), "");
  EXPECT_EQ(mistake(" step s wiat 3d\n").substr(0, 5), "3:9 e");
  EXPECT_NE(mistake(" step s wiat 3d\n").find("did you mean `wait`?"), std::string::npos);
  EXPECT_EQ(mistake(" step s exit\n", ""), "1:9 nobody enters: say `enter segment …`, `enter event \"…\"`, `enter request`, `enter daily …` or `enter once …`");
  EXPECT_EQ(mistake(""), "1:9 a journey has at least one `step`");
  EXPECT_EQ(mistake(" step s jump missing\n step u exit\n"), "3:7 no step is called \"missing\"");
  EXPECT_EQ(mistake(" step start wait 1d\n step u jump strat at most 2\n"), "4:7 no step is called \"strat\"; the nearest known is \"start\"");
  EXPECT_EQ(mistake(" step s exit\n step t exit\n"), "4:7 nothing leads to step t: name it as a target, or take it out");
  EXPECT_EQ(mistake(" step s wait 1d\n step t jump s\n"), "4:7 a way back needs an end: `jump s at most 3`");
  EXPECT_EQ(mistake(" step s wait 1d\n step t branch in segment a to s\n"),
            "4:27 this leads back to s: only a jump goes back; lead to a step `jump s at most 3`");
  EXPECT_EQ(mistake(" step s wait 1d\n step s exit\n"), "4:7 two steps are called s");
  EXPECT_EQ(mistake(" step s wait 1ms\n"), "3:14 wait is 1s to 3660d");
  EXPECT_EQ(mistake(" step s wait until \"25:00\"\n"), "3:20 expected a time of day in double quotes, such as \"09:00\"");
  EXPECT_EQ(mistake(" step s split 0 to s\n"), "3:15 expected a weight such as 50, 1 to 10000");
  EXPECT_EQ(mistake(" step s exit\n", " holdout 60%\n enter segment a\n"), "2:10 a holdout is a share of people such as 10% or 2.5%, at most 50%");
  EXPECT_EQ(mistake(" step s exit\n", " enter event \"E\" where total > \"much\"\n").substr(0, 5), "2:24 ");
  EXPECT_EQ(mistake(" step s exit\n", " enter event \"E\" where happened falls today\n"),
            "2:24 `falls` and `near` hang on a person's clock or on places: make a segment of them, and branch on it");
  EXPECT_EQ(mistake(" step s exit\n", " enter segment a\n waiting move (a to tango)\n"), "1:9 no step is called \"tango\"");
  EXPECT_EQ(mistake(" step s exit\n", " enter segment a\n waiting move (a to s, a to s)\n"), "1:9 `waiting move` names a twice");
  EXPECT_EQ(mistake(" step s exit\n", " enter segment a\n waiting move\n"), "");
  EXPECT_EQ(mistake(" step s update email = \"a@b.c\"\n"),
            "3:7 email is no trait that a journey may set: an identifier is given by who bears it");
  EXPECT_EQ(mistake(" step s update a\n").substr(0, 4), "4:1 ");
  EXPECT_EQ(mistake(" step s wait 1d\n step t decide home offer x to s\n").substr(0, 5), "4:27 ");
  EXPECT_EQ(mistake(" step s exit\n", " enter event \"Journey Requested\"\n"), "2:14 that event asks for one journey by name: say `enter request`");
}

TEST(text, a_circle_that_does_not_wait_is_refused) {
  const auto circle = [](std::string_view between) {
    return mistake(std::string(" step s send x\n step w ").append(between).append("\n step j jump s at most 9\n"));
  };
  for (const char* waits : {"wait 1s", "wait until \"09:00\"", "wait for event \"E\" within 1d"})
    EXPECT_EQ(circle(waits), "") << waits;
  for (const char* does_not :
       {"send y", "webhook y", "decide home", "update a = now", "wait until trait d", "wait for segment a within 1d", "branch in segment a to j", "jump j"})
    EXPECT_NE(circle(does_not).find("comes back here without waiting"), std::string::npos) << does_not;
}

TEST(text, unknown_names_come_with_the_nearest) {
  const std::string source =
      "journey j purpose markt\n enter segment actve\n goal event \"Order Complete\"\n step s send helo\n";
  const auto read = parse(source);
  ASSERT_TRUE(read.has_value());
  const Vocabulary known{
      .purposes = {{"market"}}, .segments = {{"active"}}, .events = {{"Order Completed"}},
      .actions = {{"hello"}}, .traits = {}, .webhooks = {}, .placements = {}, .offers = {}, .segment_purposes = {}};
  std::string said;
  for (const Mistake& m : check(*read, known, source)) said += segment::to_string(m, "j.jny") + "\n";
  for (const char* part : {"j.jny:1:19", "\"market\"", "j.jny:2:16", "\"active\"", "j.jny:3:13", "\"Order Completed\"", "\"hello\""})
    EXPECT_NE(said.find(part), std::string::npos) << said;
}

TEST(text, what_a_step_asks_for_is_known_to_the_house) {
  const auto read = parse(
      "journey j purpose market\n enter segment a\n step s webhook letter\n step t decide hom offer vinly to u\n step u exit\n"
  );
  ASSERT_TRUE(read.has_value());
  const auto said = check(
      *read, {.actions = {{"letter", "ping"}}, .webhooks = {{"ping"}}, .placements = {{"home"}}, .offers = {{"vinyl"}}}, ""
  );
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0].message, "no action with when = \"journey\" and no mail for a destination \"letter\"");
  EXPECT_EQ(said[1].message, "no placement \"hom\"; the nearest known is \"home\"");
  EXPECT_EQ(said[2].message, "no offer \"vinly\"; the nearest known is \"vinyl\"");
}

TEST(text, a_segment_of_another_purpose_is_refused) {
  const auto read = parse("journey j purpose market\n enter segment a\n step s branch in segment b to t\n step t exit\n");
  ASSERT_TRUE(read.has_value());
  const auto said = check(*read, {.segment_purposes = {{"a", "market"}, {"b", "personalise"}}}, "");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].place.line, 3u);
  EXPECT_NE(said[0].message.find("name a segment of purpose market"), std::string::npos) << said[0].message;
}

TEST(json, says_the_same_without_loss) {
  const auto read = parse(whole);
  ASSERT_TRUE(read.has_value());
  const std::string json = to_json(read->front());
  const auto again = parse_json(json);
  ASSERT_TRUE(again.has_value()) << again.error().message << "\n" << json;
  EXPECT_EQ(again->front(), read->front());
  EXPECT_EQ(format(again->front()), whole);
  const auto two = parse_json("{\"journeys\":[" + json + "]}");
  ASSERT_TRUE(two.has_value());
  EXPECT_EQ(two->size(), 1u);
}

TEST(json, a_value_is_one_word_and_a_mistake_names_its_member) {
  const auto says = [](std::string_view json) {
    const auto read = parse_json(json);
    return read ? std::string("read") : read.error().message;
  };
  const std::string head = R"({"id":"j","purpose":"market","enter":[{"segment":"a"}],"steps":[)";
  EXPECT_EQ(says(head + R"({"id":"s","exit":true}]})"), "read");
  EXPECT_EQ(says(head + R"({"id":"s","send":"x else s"}]})"), "read");  // an odd name, and still a name
  EXPECT_EQ(says(head + R"({"id":"s exit step t","exit":true}]})"), "\"id\" is one word of a-z, 0-9 and _");
  EXPECT_EQ(says(head + R"({"id":"s","wait":"1d exit"}]})"), "\"wait\" is one word of a-z, 0-9 and _");
  EXPECT_EQ(says(head + R"({"id":"s","update":"a","value":12.5}]})"), "read");
  EXPECT_EQ(says(head + R"({"id":"s","update":"a","value":"b step t exit"}]})"), "read");
  EXPECT_EQ(says(head + R"({"id":"s","update":"a","value":[1]}]})"), "a value is a text, true, false, or a number of up to six decimals");
  EXPECT_EQ(says(head + R"({"id":"s","update":"a"}]})"), "\"value\" is needed here");
  EXPECT_EQ(says(R"({"id":"j","purpose":"market","enter":[{"event":"E","where":[{"property":"a","test":"exists and b exists"}]}],"steps":[]})"),
            "\"test\" is =, !=, <, <=, >, >=, in, exists, contains or starts");
  EXPECT_EQ(says(head + R"({"id":"s","wiat":"1d"}]})"), "a step has no member \"wiat\"");
  EXPECT_EQ(says(head + R"({"id":"s","exit":false}]})"), "\"exit\" is true, or left out");
  EXPECT_EQ(says(head + R"({"id":"s","jump":"s"}]})"), "a way back needs an end: `jump s at most 3`");
  EXPECT_EQ(says("[]"), "this is no JSON object");
  EXPECT_EQ(says(R"({"journeys":[1]})"), "\"journeys\" is made of objects");
}

TEST(text, an_edit_is_the_next_version_and_numbers_never_return) {
  const auto read = [](std::string_view text) { return *parse(text); };
  const std::string one = "journey j purpose market\n enter segment a\n step s exit\n";
  const std::string two = "journey j purpose market\n enter segment a\n step s wait 1d\n";
  const auto said = [](const std::string& in_force) {
    std::string out;
    const auto list = parse_in_force(in_force);
    for (const Versioned& v : *list)
      out += v.definition.id + std::to_string(v.version) + (v.ended ? "ended " : v.closed ? "closed " : " ");
    return out;
  };
  const std::string first = succession({}, read(one));
  EXPECT_EQ(said(first), "j1 ");
  EXPECT_EQ(succession(*parse_in_force(first), read(one)), first);
  const std::string second = succession(*parse_in_force(first), read(two));
  EXPECT_EQ(said(second), "j1closed j2 ");
  const std::string gone = succession(*parse_in_force(second), {});
  EXPECT_EQ(said(gone), "j2ended ");
  EXPECT_EQ(said(succession(*parse_in_force(gone), read(two))), "j3 ");
  std::string many = first;
  for (int i = 0; i < 40; ++i) many = succession(*parse_in_force(many), read(i % 2 == 0 ? two : one));
  EXPECT_EQ(parse_in_force(many)->size(), versions_max);
  EXPECT_EQ(parse_in_force(many)->back().version, 41u);
}

}  // namespace
}  // namespace hospes::journey
