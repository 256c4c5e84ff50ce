#include "server/asking.h"
#include "server/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "config/settings.h"
#include "server/settings.h"

namespace hospes::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* demo_token = "data/house/console/token";

struct Known {
  std::string console, front, token_file;
};

/// By hospes.toml or `--set`; without either, the demo's.
Result<Known> known(const Globals& globals) {
  std::error_code error;
  if (!fs::exists(globals.config_path, error) && globals.overrides.empty())
    return Known{"127.0.0.1:8081", "127.0.0.1:8080", demo_token};
  const config::Settings settings = TRY(settings_of(globals));
  return Known{
      settings.console_listen, settings.public_listen,
      (fs::path(settings.data_folder) / "console/token").string()};
}

Result<http::ClientOptions> address(const std::string& said, const std::string& otherwise) {
  if (said.empty()) return TRY(http::parse_url("http://" + otherwise)).first;
  return TRY(http::parse_url(said.starts_with("http://") ? said : "http://" + said)).first;
}

}  // namespace

void add_ask_options(Command command, AskOptions& options) {
  command.option(
      "--console", options.console, "the console's address:port; else as hospes.toml says"
  );
  command.option(
      "--token-file", options.token_file, "the staff token; else the one beside the house's data"
  );
}

Result<House> find_house(const Globals& globals, const AskOptions& options) {
  const Known here = TRY(known(globals));
  House house;
  house.console = TRY(address(options.console, here.console));
  const std::string file = options.token_file.empty() ? here.token_file : options.token_file;
  std::ifstream in(file);
  if (!std::getline(in, house.token)) {
    return fail(
        Code::not_found,
        fmt::format(
            "{} cannot be read: start the house first (hospes serve, hospes demo), or name the "
            "token of yours: --token-file FILE",
            file
        )
    );
  }
  house.bearer = "Bearer " + house.token;
  return house;
}

Result<http::ClientOptions> find_front(const Globals& globals, const AskOptions& options) {
  const Known here = TRY(known(globals));
  return address(options.front, here.front);
}

std::string reason_in(const http::Response& answer) {
  const auto json = Json::parse(answer.body);
  if (json && !(*json)["detail"].text().empty()) return (*json)["detail"].text();
  std::string text = answer.body.substr(0, 1000);
  while (text.ends_with('\n')) text.pop_back();
  return text.empty() ? fmt::format("it answered {}", answer.status) : text;
}

Result<std::string> get(const House& house, const std::string& target) {
  return ask(house, "GET", target);
}

Result<std::string> ask(
    const House& house, std::string_view method, const std::string& target,
    const std::string& body
) {
  http::Client client(house.console);
  const auto answer = client.send(method, target, house.headers(), body);
  if (!answer) {
    return fail(
        Code::unavailable, fmt::format(
                               "no house answers at http://{}:{} ({}). Start it, or say where it "
                               "is: --console ADDRESS:PORT",
                               house.console.host, house.console.port, answer.error().message
                           )
    );
  }
  if (answer->status == 200 || answer->status == 201) return answer->body;
  const Code code = answer->status == 404   ? Code::not_found
                    : answer->status >= 500 ? Code::unavailable
                                            : Code::invalid_input;
  return fail(code, reason_in(*answer));
}

std::vector<std::string> reasons_in(std::string_view missing) {
  std::vector<std::pair<std::string, std::string>> reasons;  // reason and remedy → purposes
  std::string purpose, reason;
  const auto close = [&] {
    if (reason.empty()) return;
    auto at = std::ranges::find(reasons, reason, &std::pair<std::string, std::string>::first);
    if (at == reasons.end()) at = reasons.insert(at, {reason, ""});
    at->second += (at->second.empty() ? "" : ", ") + purpose;
  };
  while (!missing.empty()) {
    const std::string_view part = missing.substr(0, missing.find("; "));
    missing.remove_prefix(std::min(missing.size(), part.size() + 2));
    const auto colon = part.find(": ");
    if (colon != part.npos && part.substr(0, colon).find(' ') == part.npos) {
      close();
      purpose = part.substr(0, colon);
      reason = part.substr(colon + 2);
    } else {
      reason.append(reason.empty() ? "" : "; ").append(part);
    }
  }
  close();
  std::vector<std::string> out;
  for (const auto& [why, purposes] : reasons)
    out.push_back(purposes.empty() ? why : fmt::format("{} ({})", why, purposes));
  return out;
}

std::string url_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 ||
        std::string_view("-_.:@").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

}  // namespace hospes::server
