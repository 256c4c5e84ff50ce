#include "server/doctor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "catalog/house_folder.h"
#include "http/address.h"
#include "http/server.h"
#include "seal/key_file.h"
#include "segment/text.h"
#include "server/folder_lock.h"

namespace hospes::server {
namespace {

namespace fs = std::filesystem;

constexpr int syncs = 40;
constexpr double sync_ms_warn = 10;
constexpr rlim_t files_min = 4'096;

class Examination {
 public:
  explicit Examination(const config::Settings& settings) : settings_(settings) {}

  std::vector<Finding> all() {
    house();
    segments();
    apart();
    running();
    keys();
    space("data", settings_.data_folder);
    space("keys", settings_.keys_folder);
    disk();
    port("public", settings_.public_listen, settings_.public_behind_proxy);
    port("console", settings_.console_listen, settings_.console_behind_proxy);
    clock();
    files();
    return std::move(found_);
  }

 private:
  void add(std::string check, Health health, std::string means, std::string todo = "") {
    found_.push_back({std::move(check), health, std::move(means), std::move(todo)});
  }

  void house() {
    const auto house = catalog::read_house_folder(settings_.house_folder);
    if (!house)
      return add(
          "house files", Health::fail, house.error().message,
          "mend it, or name the right folder at [house] folder"
      );
    add("house files", Health::ok,
        fmt::format(
            "{}: {} sources, {} purposes", settings_.house_folder, house->sources.rows().size(),
            house->purposes.rows().size()
        ));
  }

  void segments() {
    const std::string path = (fs::path(settings_.house_folder) / "segments.seg").string();
    std::ifstream in(path);
    if (!in)
      return add(
          "segments", Health::warn, path + " is not there: people are known, but in no segment",
          "write one; docs/segments.md shows how, hospes segment check reads it"
      );
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto parsed = segment::parse_file(text);
    if (!parsed) return mistake(path, parsed.error());
    if (const auto wrong = segment::mistake_in(*parsed)) return mistake(path, *wrong);
    add("segments", Health::ok, fmt::format("{} definitions, no mistake", parsed->definitions.size()));
  }
  void mistake(const std::string& path, const segment::Mistake& wrong) {
    add("segments", Health::fail, segment::to_string(wrong, path),
        "mend it; hospes segment check shows each mistake");
  }

  void apart() {
    if (const Status apart = seal::apart(settings_.keys_folder, settings_.data_folder); !apart)
      return add("keys apart", Health::fail, apart.error().message, "change [keys] folder");
    add("keys apart", Health::ok, "who copies the data gets no key");
  }

  /// Whether a house runs on the data now; its pid is not surprised to hold the ports.
  void running() {
    std::error_code error;
    if (!fs::exists(settings_.data_folder, error))
      return add("data folder", Health::ok, settings_.data_folder + " is made at the first start");
    const auto lock = FolderLock::take(settings_.data_folder);
    if (lock)
      return add("data folder", Health::ok, settings_.data_folder + ", no house runs on it");
    if (lock.error().code != Code::conflict)
      return add("data folder", Health::fail, lock.error().message, "give this user the folder");
    std::ifstream in(fs::path(settings_.data_folder) / lock_name);
    std::getline(in, pid_);
    add("data folder", Health::ok, fmt::format("a house runs on it (pid {})", pid_));
  }

  void keys() {
    const fs::path folder = fs::path(settings_.keys_folder) / "keys";
    std::error_code error;
    const bool data = fs::exists(fs::path(settings_.data_folder) / "store/made", error);
    struct stat st {};
    const std::string master = (folder / "master.key").string();
    const bool have =
        ::stat(master.c_str(), &st) == 0 && fs::exists(folder / "house.secret", error);
    if (!have && data)
      return add(
          "key store", Health::fail, "the data hold a house, and its keys are missing",
          "restore them (hospes restore --help): without them nothing can be read"
      );
    if (!have) return add("key store", Health::ok, "is made at the first start");
    if ((st.st_mode & 077) != 0)
      return add(
          "key store", Health::fail, fmt::format("{} can be read by others", master),
          fmt::format("chmod -R go= {}", settings_.keys_folder)
      );
    if (::access(master.c_str(), R_OK | W_OK) != 0)
      return add(
          "key store", Health::fail, master + " cannot be read", "give this user the folder"
      );
    add("key store", Health::ok, "is there, and only its owner reads it");
  }

  /// The folder, or the nearest one above it that exists.
  static std::string existing(const std::string& folder) {
    fs::path at = fs::absolute(folder);
    std::error_code error;
    while (!fs::exists(at, error) && at.has_relative_path()) at = at.parent_path();
    return at.string();
  }

  void space(const std::string& what, const std::string& folder) {
    struct statvfs st {};
    const std::string check = "space for " + what;
    if (::statvfs(existing(folder).c_str(), &st) != 0)
      return add(check, Health::fail, std::strerror(errno), "look at the disk of " + folder);
    const auto free_mb =
        static_cast<std::int64_t>((static_cast<std::uint64_t>(st.f_bavail) * st.f_frsize) >> 20);
    const std::string means =
        fmt::format("{} MB free, [disk] floor_mb = {}", free_mb, settings_.disk_floor_mb);
    if (free_mb < settings_.disk_floor_mb)
      return add(
          check, Health::fail, means + ": a house reads here, but accepts nothing",
          "free some space, or lower the floor"
      );
    if (free_mb < 2 * settings_.disk_floor_mb)
      return add(check, Health::warn, means + ": near the floor", "free some space soon");
    add(check, Health::ok, means);
  }

  /// The median of one written and synced page: what each answer waits for at least.
  void disk() {
    const std::string path = existing(settings_.data_folder) + "/.hospes-doctor";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
      return add(
          "disk", Health::fail, fmt::format("cannot write {}: {}", path, std::strerror(errno)),
          "give this user the folder"
      );
    const std::string page(4096, 'h');
    bool good = ::pwrite(fd, page.data(), page.size(), 0) == 4096 && ::fsync(fd) == 0;
    std::vector<double> ms;
    for (int i = 0; i < syncs && good; ++i) {
      const auto began = std::chrono::steady_clock::now();
      good = ::pwrite(fd, page.data(), page.size(), 0) == 4096 && ::fdatasync(fd) == 0;
      ms.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
              .count()
      );
    }
    const int error = errno;
    ::close(fd);
    ::unlink(path.c_str());
    if (!good)
      return add(
          "disk", Health::fail, std::strerror(error), "this disk refuses to be synced: mend it"
      );
    std::ranges::sort(ms);
    const double median = ms[ms.size() / 2];
    const std::string means = fmt::format(
        "fdatasync takes {:.2f} ms (worst of {}: {:.2f}); each answer waits for one", median, syncs,
        ms.back()
    );
    if (median > sync_ms_warn)
      return add(
          "disk", Health::warn, means, "a faster disk for [data] folder makes faster answers"
      );
    add("disk", Health::ok, means);
  }

  void port(const std::string& section, const std::string& listen, bool behind_proxy) {
    const std::string check = section + " port";
    const auto address = http::parse_address(listen);
    if (!address)
      return add(check, Health::fail, address.error().message, "change [" + section + "] listen");
    if (!http::is_loopback(address->host) && !behind_proxy)
      return add(
          check, Health::fail, listen + " is reachable from other machines, without TLS",
          fmt::format("listen on 127.0.0.1, or say [{}] behind_proxy = true", section)
      );
    http::ServerOptions options;
    options.listen = listen;
    const auto server = http::Server::open(options);
    if (server) return add(check, Health::ok, listen + " is free");
    const std::string holder = http::port_holder(address->port);
    if (!pid_.empty() && holder.ends_with("(pid " + pid_ + ")"))
      return add(check, Health::ok, listen + " is this house's own");
    add(check, Health::fail, server.error().message,
        fmt::format("stop that one, change [{}] listen, or: hospes serve --{} …", section, section)
    );
  }

  void clock() {
    timex state{};
    const int said = ::adjtimex(&state);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    constexpr std::chrono::hours some_2025{24L * 365 * 55};
    if (now < some_2025)
      return add("clock", Health::fail, "the clock is years behind", "set it: events get its time");
    if (said == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
      return add(
          "clock", Health::warn, "nothing keeps this machine's clock right",
          "run a time service (systemd-timesyncd, chrony): windows end by this clock"
      );
    add("clock", Health::ok, "is kept right by a time service");
  }

  void files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const std::string means = fmt::format("at most {} open files", limit.rlim_max);
    if (limit.rlim_max < files_min)
      return add(
          "open files", Health::warn, means + ": connections beyond wait",
          "raise it: LimitNOFILE=65536 in the unit, or ulimit -n"
      );
    add("open files", Health::ok, means);
  }

  const config::Settings& settings_;
  std::string pid_;  // of the house that runs here
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> examine(const config::Settings& settings) {
  return Examination(settings).all();
}

}  // namespace hospes::server
