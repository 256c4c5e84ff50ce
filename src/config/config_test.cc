#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "config/settings.h"

namespace hospes::config {
namespace {

std::string mistake(std::string_view text) {
  const auto read_back = read(text, "hospes.toml");
  EXPECT_FALSE(read_back) << "accepted: " << text;
  return read_back ? "" : read_back.error().message;
}

TEST(ConfigTest, AnEmptyFileIsAllDefaults) {
  const Settings settings = read("", "hospes.toml").value();
  EXPECT_EQ(settings.public_listen, "127.0.0.1:8080");
  EXPECT_EQ(settings.store_partitions, 64);
}

TEST(ConfigTest, EachKindOfValueIsRead) {
  const Settings settings =
      read(
          "[public]\nlisten = \"0.0.0.0:80\"\nbehind_proxy = true\n"
          "[console]\nhosts = [\"tower.example\", \"b.example\"]\n[disk]\nfloor_mb = 2_048\n",
          "hospes.toml"
      )
          .value();
  EXPECT_EQ(settings.public_listen, "0.0.0.0:80");
  EXPECT_TRUE(settings.public_behind_proxy);
  EXPECT_EQ(settings.console_hosts, (std::vector<std::string>{"tower.example", "b.example"}));
  EXPECT_EQ(settings.disk_floor_mb, 2048);
}

TEST(ConfigTest, AnUnknownKeyNamesTheNearestKnownOne) {
  EXPECT_EQ(
      mistake("[public]\n\nlistn = \"127.0.0.1:1\"\n"),
      "hospes.toml:3: unknown key \"public.listn\"; the nearest known is \"public.listen\""
  );
  EXPECT_EQ(
      mistake("[store]\nfloor_mb = 100\n"),
      "hospes.toml:2: unknown key \"store.floor_mb\"; the nearest known is \"disk.floor_mb\""
  );
  EXPECT_EQ(
      mistake("[pubic]\n"),
      "hospes.toml:1: unknown section [pubic]; the nearest known is \"public\""
  );
  EXPECT_EQ(
      mistake("[store]\nzebra_crossing = 100\n"),
      "hospes.toml:2: unknown key \"store.zebra_crossing\"; all keys are in docs/config.md"
  );
}

TEST(ConfigTest, AWrongTypeOrRangeSaysWhatWouldDo) {
  EXPECT_EQ(
      mistake("[public]\nlisten = 8080\n"), "hospes.toml:2: public.listen must be a text in quotes"
  );
  EXPECT_EQ(
      mistake("[public]\nbehind_proxy = \"yes\"\n"),
      "hospes.toml:2: public.behind_proxy must be true or false"
  );
  EXPECT_EQ(
      mistake("[store]\npartitions = 64.5\n"),
      "hospes.toml:2: store.partitions must be a whole number"
  );
  EXPECT_EQ(
      mistake("[store]\npartitions = 0\n"),
      "hospes.toml:2: store.partitions = 0: must be from 1 to 4096"
  );
  EXPECT_EQ(
      mistake("[log]\nformat = \"jsn\"\n"),
      "hospes.toml:2: log.format = \"jsn\": must be one of text, json; the nearest known is "
      "\"json\""
  );
  EXPECT_EQ(
      mistake("[console]\nhosts = [\"a\", 1]\n"),
      "hospes.toml:2: console.hosts must be a list of texts"
  );
  EXPECT_EQ(
      mistake("partitions = 3\n"),
      "hospes.toml:1: \"partitions\" stands outside any section; every key stands in one, such as "
      "[public]"
  );
  EXPECT_EQ(
      mistake("public = 3\n"),
      "hospes.toml:1: public is a section: write [public] on a line of its own"
  );
}

TEST(ConfigTest, BrokenTomlIsToldWithItsLine) {
  EXPECT_TRUE(mistake("[public]\nlisten = \"127.0.0.1\n").starts_with("hospes.toml:2: "));
  EXPECT_TRUE(mistake("[public\n").starts_with("hospes.toml:1: "));
}

TEST(ConfigTest, OneKeyIsSetFromTheCommandLine) {
  Settings settings;
  ASSERT_TRUE(set(settings, "public.listen", "127.0.0.1:9"));
  ASSERT_TRUE(set(settings, "store.partitions", "8"));
  ASSERT_TRUE(set(settings, "console.hosts", "[\"a\"]"));
  EXPECT_EQ(settings.public_listen, "127.0.0.1:9");
  EXPECT_EQ(settings.store_partitions, 8);
  EXPECT_EQ(settings.console_hosts, std::vector<std::string>{"a"});
  EXPECT_EQ(
      set(settings, "store.partition", "8").error().message,
      "unknown key \"store.partition\"; the nearest known is \"store.partitions\""
  );
  EXPECT_EQ(
      set(settings, "store.partitions", "many").error().message,
      "store.partitions must be a whole number"
  );
}

TEST(ConfigTest, PathsAreRelativeToTheFile) {
  const std::string folder = testing::TempDir();
  std::ofstream(folder + "paths.toml")
      << "[data]\nfolder = \"d\"\n[keys]\nfolder = \"/srv/keys\"\n";
  const Settings settings = read_file(folder + "paths.toml").value();
  EXPECT_EQ(settings.data_folder, folder + "d");
  EXPECT_EQ(settings.keys_folder, "/srv/keys");
  EXPECT_EQ(read_file(folder + "absent.toml").error().code, Code::not_found);
}

TEST(ConfigTest, TheSampleIsAllDefaultsAndNamesEveryKeyOnce) {
  std::string bare;
  std::istringstream lines(sample());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ") && line.find(" = ") != std::string::npos) line.erase(0, 2);
    bare += line + "\n";
  }
  const Settings settings = read(bare, "sample").value();
  std::set<std::string> names;
  for (const Key& key : keys()) {
    EXPECT_EQ(show(settings, key), show(Settings{}, key));
    EXPECT_TRUE(names.insert(key.full_name()).second) << key.full_name() << " twice";
    EXPECT_FALSE(key.means_fr.empty());
  }
}

TEST(ConfigTest, ThePageInDocsIsTheTable) {
  const std::string page = std::string(HOSPES_SOURCE) + "/docs/config.md";
  if (std::getenv("HOSPES_BLESS") != nullptr) std::ofstream(page) << markdown();
  std::stringstream text;
  text << std::ifstream(page).rdbuf();
  EXPECT_EQ(text.str(), markdown()) << "HOSPES_BLESS=1 writes it anew";
}

}  // namespace
}  // namespace hospes::config
