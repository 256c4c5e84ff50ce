#include <gtest/gtest.h>

#include "disk/memory.h"
#include "staff/accounts.h"
#include "staff/approvals.h"
#include "staff/password.h"
#include "staff/role.h"

namespace hospes::staff {
namespace {

constexpr Instant noon{1'772'366'400'000'000};
constexpr Cost cheap{.log_n = 4, .r = 1, .p = 1};  // what these tests are about is not how dear a guess is
constexpr std::string_view words = "quatre mots bien choisis";

class AccountsTest : public testing::Test {
 protected:
  std::unique_ptr<Accounts> open() {
    auto out = Accounts::open(disk_, "console", cheap);
    EXPECT_TRUE(out) << out.error().message;
    return std::move(*out);
  }
  /// An account that has its password.
  static void make(Accounts& accounts, std::string name, Role role) {
    const auto code = accounts.add({.name = std::move(name), .called = {}, .role = role, .since = {}}, noon);
    ASSERT_TRUE(code) << code.error().message;
    ASSERT_TRUE(accounts.join(*code, words, noon));
  }
  disk::MemoryDisk disk_;
};

TEST(RoleTest, TheOwnerMayAllButWhatOnlyTheMachineMay) {
  for (const RightRow& row : rights()) {
    EXPECT_EQ(may(Role::owner, row.right), row.right != Right::machine) << row.name;
    EXPECT_EQ(&row_of(row.right), &row) << row.name << ": the table is in the order of the enum";
  }
  for (const RoleRow& row : roles()) EXPECT_EQ(&row_of(row.role), &row) << row.name;
  EXPECT_EQ(who_may(Right::person), "owner or privacy or support");
  for (const Role role : {Role::marketer, Role::analyst, Role::developer}) {
    EXPECT_FALSE(may(role, Right::person));
    EXPECT_FALSE(may(role, Right::people));
  }
}

TEST(PasswordTest, OnlyTheSameOpensAndNothingOfItIsKept) {
  const std::string one = kept(words), two = kept(words);
  EXPECT_NE(one, two) << "a salt of its own";
  EXPECT_EQ(one.find("mots"), one.npos);
  EXPECT_TRUE(is_password(one, words));
  EXPECT_FALSE(is_password(one, "quatre mots bien choisiS"));
  EXPECT_FALSE(is_password(one, ""));
  for (const std::string_view broken :
       {"", "scrypt", "scrypt$15$8$3$$", "scrypt$99$8$3$YQ==$YQ==", "plain$15$8$3$YQ==$YQ==", "scrypt$15$8$3$YQ==$YQ==$"})
    EXPECT_FALSE(is_password(broken, words)) << broken;
}

TEST(PasswordTest, IsLongAndNotMadeOfOneLetterOrTheName) {
  EXPECT_TRUE(may_be_password(words, "lea"));
  EXPECT_TRUE(may_be_password("àéïôùçàéïôùç", "lea")) << "twelve letters, whatever their bytes";
  EXPECT_FALSE(may_be_password("short", "lea"));
  EXPECT_FALSE(may_be_password("aaaaaaaaaaaaaaaa", "lea"));
  EXPECT_FALSE(may_be_password("my name is lea 2026", "lea"));
  EXPECT_FALSE(may_be_password(std::string(300, 'x') + "abcdefgh", "lea"));
}

TEST_F(AccountsTest, ALinkIsGoodOnceAndForADayAndOnlyTheNewest) {
  auto accounts = open();
  const std::string first = accounts->add({.name = "lea", .called = "Léa", .role = Role::support, .since = {}}, noon).value();
  EXPECT_FALSE(accounts->sign_in("lea", words, noon)) << "no password yet";
  const std::string code = accounts->new_link("lea", noon).value();
  EXPECT_FALSE(accounts->invited(first, noon)) << "the older one is void";
  EXPECT_FALSE(accounts->invited(code, noon + link_good_for));
  EXPECT_EQ(accounts->invited(code, noon)->name, "lea");
  EXPECT_EQ(accounts->join(code, "short", noon).error().code, Code::invalid_input);
  ASSERT_TRUE(accounts->join(code, words, noon)) << "a refused password has not used it up";
  EXPECT_EQ(accounts->join(code, words, noon).error().code, Code::not_found);
  accounts = open();
  const auto lea = accounts->sign_in("lea", words, noon);
  ASSERT_TRUE(lea) << lea.error().message;
  EXPECT_EQ(std::pair(lea->role, lea->called), std::pair(Role::support, std::string("Léa")));
}

TEST_F(AccountsTest, FiveFailuresLockAndTheLockEndsDoublesAndOutlivesARestart) {
  auto accounts = open();
  make(*accounts, "lea", Role::marketer);
  std::optional<Instant> told;
  const auto tell = [&](Instant until) { told = until; };
  for (unsigned i = 1; i < failures_max; ++i)
    EXPECT_EQ(accounts->sign_in("lea", "wrong wrong wrong", noon, tell).error().code, Code::not_found);
  EXPECT_FALSE(told);
  const auto no = accounts->sign_in("lea", "wrong wrong wrong", noon, tell);
  EXPECT_EQ(no.error().code, Code::over_limit);
  EXPECT_NE(no.error().message.find(to_string(noon + locked_for)), std::string::npos) << no.error().message;
  EXPECT_EQ(told, noon + locked_for);
  accounts = open();
  EXPECT_EQ(accounts->sign_in("lea", words, noon).error().code, Code::over_limit) << "also the right one";
  const Instant after = noon + locked_for;
  for (unsigned i = 0; i < failures_max; ++i) EXPECT_FALSE(accounts->sign_in("lea", "wrong wrong wrong", after));
  EXPECT_EQ(accounts->find("lea")->locked_until, after + locked_for * 2) << "twice as long";
  EXPECT_TRUE(accounts->unlock("lea"));
  EXPECT_TRUE(accounts->sign_in("lea", words, after));
  for (unsigned i = 0; i < failures_max; ++i) EXPECT_FALSE(accounts->sign_in("lea", "wrong wrong wrong", after));
  EXPECT_EQ(accounts->find("lea")->locked_until, after + locked_for) << "a success takes the doubling back";
}

TEST_F(AccountsTest, ANameThatNobodyBearsAnswersAsOneThatSomebodyDoes) {
  auto accounts = open();
  make(*accounts, "lea", Role::marketer);
  for (unsigned i = 0; i < failures_max; ++i) {
    const auto known = accounts->sign_in("lea", "wrong wrong wrong", noon);
    const auto unknown = accounts->sign_in("nobody", "wrong wrong wrong", noon);
    EXPECT_EQ(known.error().message, unknown.error().message);
  }
}

TEST_F(AccountsTest, WhoIsSwitchedOffIsOutAndComesBackWithTheirPassword) {
  auto accounts = open();
  make(*accounts, "lea", Role::marketer);
  ASSERT_TRUE(accounts->change("lea", {.role = Role::support, .on = false, .called = {}}));
  EXPECT_EQ(accounts->sign_in("lea", words, noon).error().code, Code::not_found);
  EXPECT_EQ(accounts->new_link("lea", noon).error().code, Code::conflict);
  EXPECT_EQ(accounts->add({.name = "lea", .called = {}, .since = {}}, noon).error().code, Code::conflict);
  ASSERT_TRUE(accounts->change("lea", {.role = {}, .on = true, .called = {}}));
  EXPECT_EQ(accounts->sign_in("lea", words, noon)->role, Role::support);
}

TEST_F(AccountsTest, APasswordIsChangedWithTheOldOne) {
  auto accounts = open();
  make(*accounts, "lea", Role::marketer);
  EXPECT_FALSE(accounts->change_password("lea", "wrong wrong wrong", "another good password", noon));
  ASSERT_TRUE(accounts->change_password("lea", words, "another good password", noon));
  EXPECT_FALSE(accounts->sign_in("lea", words, noon));
  EXPECT_TRUE(accounts->sign_in("lea", "another good password", noon));
}

TEST_F(AccountsTest, NamesAndWordsThatMeanSomethingElseAreRefused) {
  auto accounts = open();
  for (const std::string name : {"", "owner", "token", "Léa", "a b", "a\tb", "../x"})
    EXPECT_EQ(accounts->add({.name = name, .called = {}, .since = {}}, noon).error().code, Code::invalid_input) << name;
  EXPECT_FALSE(accounts->add({.name = "lea", .called = "L\té", .since = {}}, noon));
  EXPECT_EQ(accounts->new_link("nobody", noon).error().code, Code::not_found);
}

TEST_F(AccountsTest, ADamagedFileStopsTheStartAndTheDiskHoldsNoSecret) {
  std::string code;
  {
    auto accounts = open();
    code = accounts->add({.name = "lea", .called = {}, .role = Role::owner, .since = {}}, noon).value();
    make(*accounts, "max", Role::analyst);
  }
  const std::string text = disk::read_all(disk_, "console/accounts", 10'000).value();
  EXPECT_EQ(text.find(code), text.npos);
  EXPECT_EQ(text.find(words), text.npos);
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    ASSERT_TRUE(disk::replace(disk_, "console", "accounts", std::string_view(text).substr(0, cut)));
    const auto opened = Accounts::open(disk_, "console", cheap);
    ASSERT_FALSE(opened) << "cut at " << cut;
    EXPECT_EQ(opened.error().code, Code::corrupt);
  }
  ASSERT_TRUE(disk::replace(disk_, "console", "accounts", "hospes accounts 1\nlea\tkaiser\ton\n"));
  EXPECT_EQ(Accounts::open(disk_, "console", cheap).error().code, Code::corrupt);
}

class ApprovalsTest : public testing::Test {
 protected:
  std::unique_ptr<Approvals> open() {
    auto out = Approvals::open(disk_, "console");
    EXPECT_TRUE(out) << out.error().message;
    return std::move(*out);
  }
  const Wanted wanted_{.kind = "export", .what = "members of\tloyal\n", .exactly = "ab12", .people = 1'200, .by = "lea"};
  disk::MemoryDisk disk_;
};

TEST_F(ApprovalsTest, AYesIsOfSomebodyElseOfExactlyThisAndGoodOnce) {
  auto approvals = open();
  EXPECT_FALSE(approvals->take(wanted_, noon).value());
  const Approval waits = approvals->ask(wanted_, noon).value();
  EXPECT_EQ(approvals->ask(wanted_, noon)->id, waits.id) << "the same is not asked twice";
  EXPECT_EQ(approvals->answer(waits.id, "lea", true, noon).error().code, Code::conflict);
  EXPECT_FALSE(approvals->take(wanted_, noon).value());
  approvals = open();
  ASSERT_TRUE(approvals->answer(waits.id, "max", true, noon));
  EXPECT_EQ(approvals->answer(waits.id, "eve", false, noon).error().code, Code::conflict) << "answered already";
  for (Wanted other : {Wanted{"export", "", "ab13", 1, "lea"}, Wanted{"pack", "", "ab12", 1, "lea"}, Wanted{"export", "", "ab12", 1, "max"}})
    EXPECT_FALSE(approvals->take(other, noon).value());
  approvals = open();
  const auto taken = approvals->take(wanted_, noon).value();
  ASSERT_TRUE(taken);
  EXPECT_EQ(std::pair(taken->answered_by, taken->wanted.what), std::pair(std::string("max"), std::string("members of loyal ")));
  approvals = open();
  EXPECT_FALSE(approvals->take(wanted_, noon).value()) << "used up, also after a restart";
}

TEST_F(ApprovalsTest, ANoAndADayEndIt) {
  auto approvals = open();
  const Approval one = approvals->ask(wanted_, noon).value();
  ASSERT_TRUE(approvals->answer(one.id, "lea", false, noon)) << "who asked may take it back";
  EXPECT_FALSE(approvals->take(wanted_, noon).value());
  const Approval two = approvals->ask(wanted_, noon).value();
  EXPECT_NE(two.id, one.id);
  EXPECT_EQ(approvals->answer(two.id, "max", true, noon + approval_good_for).error().code, Code::conflict);
  const Approval three = approvals->ask(wanted_, noon + approval_good_for).value();
  ASSERT_TRUE(approvals->answer(three.id, "max", true, noon + approval_good_for));
  EXPECT_FALSE(approvals->take(wanted_, noon + approval_good_for * 2).value()) << "a yes is good for a day";
  EXPECT_EQ(approvals->answer("nobody", "max", true, noon).error().code, Code::not_found);
}

TEST_F(ApprovalsTest, ALinkIsGoodUntilItIsAnsweredAndPiecesAreCountedTogether) {
  auto approvals = open();
  const Approval one = approvals->ask(wanted_, noon).value();
  const std::string code = approvals->new_link(one.id, noon).value();
  EXPECT_EQ(approvals->by_link(code, noon)->id, one.id);
  EXPECT_FALSE(approvals->by_link("wrong", noon));
  ASSERT_TRUE(approvals->answer(one.id, "link: Eve", true, noon));
  EXPECT_FALSE(approvals->by_link(code, noon));
  EXPECT_EQ(approvals->alone("lea", 900, noon), 900U);
  EXPECT_EQ(approvals->alone("max", 1, noon), 1U);
  EXPECT_EQ(approvals->alone("lea", 900, noon + std::chrono::hours(23)), 1'800U);
  EXPECT_EQ(approvals->alone("lea", 5, noon + std::chrono::hours(24)), 5U);
}

TEST_F(ApprovalsTest, ADamagedFileIsTold) {
  auto approvals = open();
  for (std::size_t i = 0; i < 20; ++i) {
    Wanted one = wanted_;
    one.exactly = std::to_string(i);
    ASSERT_TRUE(approvals->ask(one, noon));
  }
  const std::string text = disk::read_all(disk_, "console/approvals", 100'000).value();
  for (std::size_t cut = 1; cut < text.size(); cut += 7) {
    ASSERT_TRUE(disk::replace(disk_, "console", "approvals", std::string_view(text).substr(0, cut)));
    ASSERT_EQ(Approvals::open(disk_, "console").error().code, Code::corrupt) << cut;
  }
}

}  // namespace
}  // namespace hospes::staff
