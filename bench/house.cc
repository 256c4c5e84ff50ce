#include "bench/house.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "http/client.h"

namespace hospes::bench {
namespace {

namespace fs = std::filesystem;

/// One source whose server key is `house_key`; events carry their own consent.
constexpr std::string_view sources = R"([[source]]
name = "bench"
without_answer = ["market", "secure"]
events_per_s_max = 10_000_000  # the machine is to be the limit
[[source.key]]
sha256 = "623fbbbeeda52dba3cf247215f16303710f5d48d7c33c043011bb6f390112bbc"
use = "server"
label = "load"
)";

Status write_file(const fs::path& path, std::string_view text) {
  std::ofstream out(path);
  out << text;
  out.close();
  if (out) return {};
  return fail(Code::unavailable, "cannot write " + path.string() + "; give another --folder");
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::uint16_t port_after(std::string_view text, std::string_view word) {
  const auto at = text.find(word);
  if (at == text.npos) return 0;
  static constexpr std::string_view host = "127.0.0.1:";
  const auto digits = text.find(host, at);
  if (digits == text.npos) return 0;
  return static_cast<std::uint16_t>(std::atoi(text.data() + digits + host.size()));
}

}  // namespace

Result<House> House::make(HouseOptions options) {
  if (options.binary.empty())
    options.binary = (fs::read_symlink("/proc/self/exe").parent_path() / "hospes").string();
  if (access(options.binary.c_str(), X_OK) != 0) {
    return fail(
        Code::not_found, "no program at " + options.binary + ": build hospes too, or say --hospes"
    );
  }
  std::string root = (fs::absolute(options.folder) / "hospes-bench-XXXXXX").string();
  if (mkdtemp(root.data()) == nullptr)
    return fail(Code::unavailable, "cannot make a folder in " + options.folder);
  House house(std::move(options));
  house.root_ = root;
  TRY(house.write_definitions());
  return house;
}

House::House(House&& other) noexcept
    : options_(std::move(other.options_)),
      root_(std::exchange(other.root_, {})),
      token_(std::move(other.token_)),
      pid_(std::exchange(other.pid_, -1)),
      said_(std::exchange(other.said_, -1)),
      port_(other.port_),
      console_port_(other.console_port_) {}

House::~House() {
  kill();
  std::error_code ignored;
  if (!root_.empty()) fs::remove_all(root_, ignored);
}

Status House::write_definitions() {
  const fs::path house = fs::path(root_) / "house";
  std::error_code failed;
  fs::create_directory(house, failed);
  if (failed) return fail(Code::unavailable, "cannot make " + house.string());
  TRY(write_file(
      house / "house.toml",
      "name = \"Bench\"\ntime_zone = \"Europe/Paris\"\ncurrency = \"EUR\"\nlanguages = [\"fr\", "
      "\"en\"]\nweek_start = \"monday\"\n"
  ));
  TRY(write_file(house / "purposes.toml", "[basis]\nmarket = \"interest\"\n"));
  TRY(write_file(house / "events.toml", ""));
  TRY(write_file(house / "sources.toml", sources));
  if (!options_.actions.empty()) {
    TRY(write_file(house / "actions.toml", options_.actions));
    TRY(write_file(house / "sink.secret", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\n"));
  }
  if (!options_.decisions.empty())
    TRY(write_file(house / "decisions.toml", options_.decisions));
  TRY(write_file(house / "segments.seg", options_.segments));
  return write_file(fs::path(root_) / "hospes.toml", "");
}

Status House::start() {
  const std::string config = root_ + "/hospes.toml";
  std::vector<std::string> words = {options_.binary, "serve", "--config", config};
  std::vector<std::string> settings = {
      "data.folder=" + root_ + "/data", "keys.folder=" + root_ + "/keys",
      "house.folder=" + root_ + "/house", "public.listen=127.0.0.1:0",
      "console.listen=127.0.0.1:0"};
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  for (const std::string& s : settings) {
    words.emplace_back("--set");
    words.push_back(s);
  }
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  std::array<int, 2> out{};
  if (pipe2(out.data(), O_CLOEXEC) != 0) return fail(Code::unavailable, "no pipe");
  const std::string log = root_ + "/log.txt";
  pid_ = fork();
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    const int errors = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(errors, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out[1]);
  std::string said;
  std::array<char, 4096> bytes;
  while (said.find("owner link") == said.npos) {
    const ssize_t n = read(out[0], bytes.data(), bytes.size());
    if (n <= 0) break;
    said.append(bytes.data(), static_cast<std::size_t>(n));
  }
  said_ = out[0];  // kept open: what it says later must not fail
  port_ = port_after(said, "public");
  console_port_ = port_after(said, "console");
  if (port_ == 0 || console_port_ == 0) {
    kill();
    return fail(Code::unavailable, "hospes serve did not start: " + said + read_text(log));
  }
  token_ = read_text(fs::path(root_) / "data/console/token");
  while (!token_.empty() && token_.back() == '\n') token_.pop_back();
  return {};
}

Result<std::string> House::get(const std::string& target) const {
  http::Client client({.port = console_port_});
  const auto answer = TRY(client.send("GET", target, {{"Authorization", "Bearer " + token_}}, ""));
  if (answer.status == 200) return answer.body;
  return fail(Code::not_found, fmt::format("{} answered {}", target, answer.status));
}

Status House::finish_job(const std::string& name) const {
  http::Client client({.port = console_port_});
  const http::Headers with{{"Authorization", "Bearer " + token_}};
  const auto asked = TRY(client.send("POST", "/v1/jobs/" + name, with, ""));
  if (asked.status / 100 != 2)
    return fail(Code::unavailable, fmt::format("job {}: {} {}", name, asked.status, asked.body));
  for (;;) {
    const std::string jobs = TRY(get("/v1/jobs"));
    const std::size_t at = jobs.find(fmt::format("\"name\":\"{}\"", name));
    if (at == jobs.npos) return fail(Code::not_found, "no job " + name);
    const std::string_view one = std::string_view(jobs).substr(at, jobs.find("\"name\":", at + 1) - at);
    if (!one.contains("\"state\":\"idle\"")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    if (one.contains("\"error\":null")) return {};
    return fail(Code::unavailable, fmt::format("job {} failed: {}", name, one));
  }
}

Result<std::uint64_t> House::metric(const std::string& name) const {
  const std::string text = "\n" + TRY(get("/metrics"));
  const std::size_t at = text.find("\n" + name + " ");
  std::uint64_t value = 0;
  if (at == text.npos) return fail(Code::not_found, "no metric " + name);
  std::from_chars(text.data() + at + name.size() + 2, text.data() + text.size(), value);
  return value;
}

Result<std::uint64_t> House::settled(const std::string& name) const {
  while (TRY(metric("hospes_node_waiting_records")) != 0) {
  }
  return metric(name);
}

Result<double> House::stop() {
  const auto began = std::chrono::steady_clock::now();
  ::kill(pid_, SIGTERM);
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  close(std::exchange(said_, -1));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(
        Code::unavailable, "hospes serve did not end well: " + read_text(root_ + "/log.txt")
    );
  }
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
      .count();
}

void House::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(std::exchange(pid_, -1), nullptr, 0);
  if (said_ >= 0) close(std::exchange(said_, -1));
}

}  // namespace hospes::bench
