#include "http/address.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

namespace hospes::http {
namespace {

bool numeric(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

/// Socket inodes that listen on `port`, from /proc/net/tcp (man 5 proc): state 0A, inode is the
/// tenth word.
void add_listeners(const char* table, std::uint16_t port, std::set<std::string>& inodes) {
  std::ifstream in(table);
  std::string line;
  std::getline(in, line);
  const std::string suffix = fmt::format(":{:04X}", port);
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, skipped, inode;
    words >> slot >> local >> remote >> state;
    for (int i = 0; i < 5; ++i) words >> skipped;
    words >> inode;
    if (state == "0A" && local.ends_with(suffix)) inodes.insert("socket:[" + inode + "]");
  }
}

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};
using Dir = std::unique_ptr<DIR, CloseDir>;

bool holds_one(const std::string& process, const std::set<std::string>& inodes) {
  const std::string folder = "/proc/" + process + "/fd";
  const Dir dir(opendir(folder.c_str()));
  if (!dir) return false;
  while (const dirent* entry = readdir(dir.get())) {
    char target[64];
    const auto size = readlink((folder + "/" + entry->d_name).c_str(), target, sizeof target);
    if (size > 0 && inodes.contains(std::string(target, static_cast<std::size_t>(size))))
      return true;
  }
  return false;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto refuse = [&] {
    return fail(
        Code::invalid_input,
        fmt::format("\"{}\" is no listen address; write it like 127.0.0.1:8080 or [::1]:8080", text)
    );
  };
  if (colon == std::string_view::npos) return refuse();
  Address address{.host = std::string(text.substr(0, colon))};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != std::string::npos) {
    return refuse();
  }
  const std::string_view port = text.substr(colon + 1);
  const auto read = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (read.ec != std::errc{} || read.ptr != port.data() + port.size()) return refuse();
  if (!numeric(address.host)) return refuse();
  return address;
}

bool is_loopback(std::string_view numeric_host) {
  return numeric_host.starts_with("127.") || numeric_host == "::1";
}

std::string port_holder(std::uint16_t port) {
  std::set<std::string> inodes;
  add_listeners("/proc/net/tcp", port, inodes);
  add_listeners("/proc/net/tcp6", port, inodes);
  const Dir dir(inodes.empty() ? nullptr : opendir("/proc"));
  while (const dirent* entry = dir ? readdir(dir.get()) : nullptr) {
    const std::string process = entry->d_name;
    if (process.find_first_not_of("0123456789") != std::string::npos || !holds_one(process, inodes))
      continue;
    std::ifstream in("/proc/" + process + "/comm");
    std::string name;
    std::getline(in, name);
    return fmt::format("{} (pid {})", name, process);
  }
  return "another program";
}

}  // namespace hospes::http
