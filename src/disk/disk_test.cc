// The contract of Disk, run on the real disk and on its twin.
#include "disk/disk.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <set>

#include "disk/memory.h"
#include "disk/posix.h"

namespace hospes::disk {
namespace {

/// A folder that goes with the test.
struct Scratch {
  std::string path;
  Scratch() {
    std::string name = std::filesystem::temp_directory_path() / "hospes-disk-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  ~Scratch() { std::filesystem::remove_all(path); }
};

class DiskContract : public testing::TestWithParam<bool> {
 protected:
  Scratch scratch;
  std::unique_ptr<Disk> disk =
      GetParam() ? open_posix_disk(scratch.path + "/root").value() : std::make_unique<MemoryDisk>();
};

TEST_P(DiskContract, a_file_holds_what_was_written) {
  ASSERT_TRUE(disk->make_folder("a/b"));
  ASSERT_TRUE(disk->make_folder("a/b"));
  const auto file = disk->open("a/b/f", Mode::create).value();
  ASSERT_TRUE(file->write(0, "hello"));
  ASSERT_TRUE(file->write(8, "world"));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(file->size().value(), 13u);
  EXPECT_EQ(file->read(0, 100).value(), std::string("hello\0\0\0world", 13));
  EXPECT_EQ(file->read(3, 2).value(), "lo");
  EXPECT_EQ(file->read(13, 5).value(), "");
  EXPECT_EQ(file->read(100, 5).value(), "");
  ASSERT_TRUE(file->write(1, "u"));
  EXPECT_EQ(read_all(*disk, "a/b/f", 13).value().substr(0, 5), "hullo");
  EXPECT_EQ(read_all(*disk, "a/b/f", 12).error().code, Code::over_limit);
  EXPECT_TRUE(disk->sync_folder("a/b"));
  EXPECT_GT(disk->free_bytes().value(), 0u);
}

TEST_P(DiskContract, names_come_and_go) {
  ASSERT_TRUE(disk->make_folder("a"));
  EXPECT_EQ(disk->list("none").value(), std::vector<std::string>());
  EXPECT_EQ(disk->open("a/x", Mode::read).error().code, Code::not_found);
  EXPECT_EQ(disk->open("a/x", Mode::write).error().code, Code::not_found);
  for (const char* name : {"a/x", "a/c", "a/b"}) {
    ASSERT_TRUE(disk->open(name, Mode::create).value()->write(0, name));
  }
  ASSERT_TRUE(disk->make_folder("a/folder"));
  EXPECT_EQ(disk->list("a").value(), (std::vector<std::string>{"b", "c", "x"}));
  ASSERT_TRUE(disk->rename("a/x", "a/b"));
  EXPECT_EQ(disk->list("a").value(), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(read_all(*disk, "a/b", 10).value(), "a/x");
  ASSERT_TRUE(disk->remove("a/c"));
  EXPECT_EQ(disk->remove("a/c").error().code, Code::not_found);
  EXPECT_EQ(disk->rename("a/c", "a/d").error().code, Code::not_found);
  ASSERT_TRUE(disk->open("a/b", Mode::create));
  EXPECT_EQ(read_all(*disk, "a/b", 10).value(), "") << "create empties";
}

TEST_P(DiskContract, an_open_file_outlives_its_name) {
  ASSERT_TRUE(disk->make_folder("a"));
  const auto file = disk->open("a/x", Mode::create).value();
  ASSERT_TRUE(file->write(0, "still"));
  ASSERT_TRUE(disk->remove("a/x"));
  EXPECT_EQ(file->read(0, 9).value(), "still");
}

TEST_P(DiskContract, a_file_open_for_reading_is_not_written) {
  ASSERT_TRUE(disk->make_folder("a"));
  ASSERT_TRUE(disk->open("a/x", Mode::create));
  EXPECT_FALSE(disk->open("a/x", Mode::read).value()->write(0, "no"));
}

TEST_P(DiskContract, replace_gives_the_new_content) {
  ASSERT_TRUE(disk->make_folder("a"));
  ASSERT_TRUE(replace(*disk, "a", "x", "one"));
  ASSERT_TRUE(replace(*disk, "a", "x", "two"));
  EXPECT_EQ(read_all(*disk, "a/x", 10).value(), "two");
  EXPECT_EQ(disk->list("a").value(), std::vector<std::string>{"x"});
}

INSTANTIATE_TEST_SUITE_P(, DiskContract, testing::Bool(), [](const auto& made) {
  return made.param ? "posix" : "memory";
});

TEST(PosixDisk, keeps_strangers_out) {
  const Scratch scratch;
  const auto disk = open_posix_disk(scratch.path + "/root").value();
  ASSERT_TRUE(disk->make_folder("a/b"));
  ASSERT_TRUE(disk->open("a/b/f", Mode::create));
  const auto mode = [&](const std::string& name) {
    struct stat st {};
    ::stat((scratch.path + "/root" + name).c_str(), &st);
    return st.st_mode & 0777;
  };
  EXPECT_EQ(mode(""), 0700u);
  EXPECT_EQ(mode("/a/b"), 0700u);
  EXPECT_EQ(mode("/a/b/f"), 0600u);
}

TEST(PosixDisk, says_what_it_could_not_do) {
  const auto disk = open_posix_disk("/dev/null/x");
  ASSERT_FALSE(disk);
  EXPECT_NE(disk.error().message.find("/dev/null/x"), std::string::npos);
}

// What may become of a file after a crash, over many crashes.
std::set<std::string> after_crash(const std::function<void(MemoryDisk&)>& use) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    MemoryDisk disk;
    EXPECT_TRUE(disk.make_folder("d"));
    use(disk);
    Dice dice(seed);
    disk.crash(dice);
    const auto names = disk.list("d").value();
    seen.insert(names.empty() ? "(none)" : names[0] + "=" + disk.peek("d/" + names[0]));
  }
  return seen;
}

TEST(MemoryDisk, what_is_synced_survives) {
  const auto seen = after_crash([](MemoryDisk& disk) {
    const auto f = disk.open("d/f", Mode::create).value();
    EXPECT_TRUE(f->write(0, "kept"));
    EXPECT_TRUE(f->sync());
    EXPECT_TRUE(disk.sync_folder("d"));
  });
  EXPECT_EQ(seen, (std::set<std::string>{"f=kept"}));
}

TEST(MemoryDisk, what_is_not_synced_is_lost_kept_or_cut) {
  const auto content = after_crash([](MemoryDisk& disk) {
    const auto f = disk.open("d/f", Mode::create).value();
    EXPECT_TRUE(disk.sync_folder("d"));
    EXPECT_TRUE(f->write(0, "ab"));
  });
  EXPECT_EQ(content, (std::set<std::string>{"f=", "f=a", "f=ab"}));
  const auto names = after_crash([](MemoryDisk& disk) {
    EXPECT_TRUE(replace(disk, "d", "f", "1"));
    EXPECT_TRUE(disk.rename("d/f", "d/g"));
  });
  EXPECT_EQ(names, (std::set<std::string>{"f=1", "g=1"}));
}

TEST(MemoryDisk, replace_is_old_or_new_wherever_it_stops) {
  for (std::uint64_t n = 1; n < 20; ++n) {
    const auto seen = after_crash([&](MemoryDisk& disk) {
      EXPECT_TRUE(replace(disk, "d", "f", "old"));
      disk.fail_at(n, MemoryDisk::Fault::power_cut);
      const bool replaced [[maybe_unused]] = replace(disk, "d", "f", "new").has_value();
    });
    for (const auto& s : seen) EXPECT_TRUE(s == "f=old" || s == "f=new") << s;
  }
}

TEST(MemoryDisk, sectors_of_one_write_are_torn_apart) {
  bool hole = false;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    MemoryDisk disk;
    const auto f = disk.open("f", Mode::create).value();
    ASSERT_TRUE(f->write(0, std::string(2048, '.')));
    ASSERT_TRUE(f->sync());
    ASSERT_TRUE(disk.sync_folder(""));
    ASSERT_TRUE(f->write(100, std::string(1800, 'x')));
    Dice dice(seed);
    disk.crash(dice);
    const std::string now = disk.peek("f");
    hole = hole || (now[200] == '.' && now[600] == 'x');
    EXPECT_EQ(now[99], '.');
    if (now[200] == '.') {
      EXPECT_EQ(now[511], '.') << "no hole begins within a sector";
    }
    EXPECT_FALSE(f->read(0, 1)) << "handles do not survive";
  }
  EXPECT_TRUE(hole);
}

TEST(MemoryDisk, after_a_failed_sync_a_good_one_saves_nothing) {
  bool lost = false;
  for (int extra = 0; extra < 20; ++extra) {
    MemoryDisk disk;
    const auto f = disk.open("f", Mode::create).value();
    ASSERT_TRUE(disk.sync_folder(""));
    for (int i = 0; i < extra; ++i) ASSERT_TRUE(f->size());
    ASSERT_TRUE(f->write(0, "ab"));
    disk.fail_at(1, MemoryDisk::Fault::once);
    EXPECT_FALSE(f->sync());
    EXPECT_TRUE(f->sync());
    EXPECT_EQ(f->read(0, 2).value(), "ab") << "the reader still sees it";
    Dice dice(1);
    disk.crash(dice);
    lost = lost || disk.peek("f") != "ab";
  }
  EXPECT_TRUE(lost);
}

TEST(MemoryDisk, fails_when_told) {
  MemoryDisk disk;
  const auto f = disk.open("f", Mode::create).value();
  disk.fail_at(2, MemoryDisk::Fault::once);
  EXPECT_TRUE(f->write(0, "a"));
  EXPECT_FALSE(f->write(1, "b"));
  EXPECT_TRUE(f->write(1, "b"));
  EXPECT_TRUE(disk.fault_met());
  disk.fail_at(1, MemoryDisk::Fault::no_space);
  EXPECT_FALSE(f->write(2, "c"));
  EXPECT_FALSE(f->write(2, "c"));
  EXPECT_TRUE(f->read(0, 1));
  disk.heal();
  EXPECT_TRUE(f->write(2, "c"));
}

}  // namespace
}  // namespace hospes::disk
