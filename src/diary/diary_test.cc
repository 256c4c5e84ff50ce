#include "diary/diary.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace hospes::diary {
namespace {

/// What a diary wrote into a pipe.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_), 0); }
  ~Pipe() { ::close(ends_[0]); }
  int in() const { return ends_[1]; }
  std::string read() {
    ::close(ends_[1]);
    std::string all;
    char bytes[4096];
    for (ssize_t n = 0; (n = ::read(ends_[0], bytes, sizeof bytes)) > 0;)
      all.append(bytes, static_cast<std::size_t>(n));
    return all;
  }

 private:
  int ends_[2];
};

TEST(Diary, TextIsOneLineWithTimeLevelKindSentenceAndFields) {
  Pipe pipe;
  open_diary({}, pipe.in())
      ->note(
          Level::warn, "server.read_only", "the disk is full", {{"free_mb", 12}, {"of", "data"}}
      );
  const std::string line = pipe.read();
  EXPECT_NE(
      line.find("Z warning server.read_only the disk is full free_mb=12 of=\"data\"\n"), line.npos
  ) << line;
  EXPECT_EQ(line[10], 'T') << line;
}

TEST(Diary, JsonHoldsTheSameAndEscapes) {
  Pipe pipe;
  open_diary({.json = true}, pipe.in())->note(Level::info, "a.b", "say \"x\"\n", {{"n", -1}});
  const std::string line = pipe.read();
  EXPECT_NE(
      line.find(R"("level":"info","kind":"a.b","message":"say \"x\"\u000a","n":-1})"
                "\n"),
      line.npos
  ) << line;
  EXPECT_TRUE(line.starts_with("{\"at\":\"")) << line;
}

TEST(Diary, BelowItsLevelIsNotWritten) {
  Pipe pipe;
  open_diary({.level = Level::error}, pipe.in())->note(Level::warn, "a.b", "quiet");
  EXPECT_EQ(pipe.read(), "");
}

TEST(Diary, AKindHasABoundAndOthersKeepTheirs) {
  Pipe pipe;
  const auto diary = open_diary({.lines_per_window_max = 3, .window_s = 3600}, pipe.in());
  for (int i = 0; i < 100; ++i) diary->note(Level::info, "loud.one", "again");
  diary->note(Level::info, "rare.one", "once");
  const std::string all = pipe.read();
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 4) << all;
  EXPECT_NE(all.find("rare.one"), all.npos);
}

TEST(Diary, WhatWasBeyondTheBoundIsTold) {
  Pipe pipe;
  const auto diary = open_diary({.lines_per_window_max = 0, .window_s = 0}, pipe.in());
  diary->note(Level::info, "loud.one", "again");
  diary->note(Level::info, "loud.one", "again");
  const std::string all = pipe.read();
  EXPECT_NE(all.find("diary.beyond"), all.npos) << all;
  EXPECT_NE(all.find("of=\"loud.one\" lines=1"), all.npos) << all;
}

}  // namespace
}  // namespace hospes::diary
