// Commands that ask a running house: why, profile, send.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "http/client.h"
#include "server/commands.h"

namespace hospes::server {
namespace {

struct Ask {
  std::string console = "http://127.0.0.1:8081";
  std::string front = "http://127.0.0.1:8080";
  std::string token_file = "data/house/console/token";
  std::string person, segment, event;
  std::string key = "wk_demo";
};

std::string escaped(std::string_view text) {
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

/// Prints the answer; 0 when the server said 200.
int print(const Result<http::Response>& answer) {
  if (!answer) return report(answer.error());
  fmt::print("{}{}", answer->body, answer->body.ends_with('\n') ? "" : "\n");
  return answer->status == 200 ? exit_done : exit_no;
}

int get(const Ask& ask, const std::string& target) {
  std::ifstream in(ask.token_file);
  std::string token;
  if (!std::getline(in, token)) {
    return report(
        {Code::not_found,
         fmt::format("{} is not there: start the house first, or say --token-file", ask.token_file)}
    );
  }
  auto url = http::parse_url(ask.console);
  if (!url) return report(url.error());
  http::Client client(url->first);
  return print(client.send("GET", target, {{"Authorization", "Bearer " + token}}, ""));
}

int send(const Ask& ask) {
  auto url = http::parse_url(ask.front);
  if (!url) return report(url.error());
  http::Client client(url->first);
  return print(client.send(
      "POST", "/v1/batch", {{"X-Write-Key", ask.key}, {"Content-Type", "application/json"}},
      "{\"batch\":[" + ask.event + "]}"
  ));
}

}  // namespace

void add_ask(CLI::App& app, const Globals& globals, int& exit_code) {
  static Ask ask;
  auto* why =
      app.add_subcommand("why", "Why a person is in a segment, or not, and what would change it.");
  why->add_option("person", ask.person, "such as user_id:08231 or email:a@b.example")->required();
  why->add_option("segment", ask.segment, "its id, as /v1/segments lists it")->required();
  why->callback([&globals, &exit_code] {
    const std::string form = globals.json ? "" : fmt::format("?text={}", globals.say("en", "fr"));
    exit_code =
        get(ask,
            fmt::format("/v1/profiles/{}/why/{}{}", escaped(ask.person), escaped(ask.segment), form)
        );
  });
  auto* profile = app.add_subcommand("profile", "Everything known about one person, as JSON.");
  profile->add_option("person", ask.person, "such as user_id:08231 or email:a@b.example")
      ->required();
  profile->callback([&exit_code] { exit_code = get(ask, "/v1/profiles/" + escaped(ask.person)); });
  for (CLI::App* command : {why, profile}) {
    command->add_option("--console", ask.console, "the console listener")->capture_default_str();
    command->add_option("--token-file", ask.token_file, "the staff token of the house")
        ->capture_default_str();
  }
  auto* send_one =
      app.add_subcommand("send", "Sends one event, as JSON with its type, to the public listener.");
  send_one
      ->add_option("event", ask.event, R"({"type":"track","userId":"me","event":"Page Viewed"})")
      ->required();
  send_one->add_option("--key", ask.key, "the write key")->capture_default_str();
  send_one->add_option("--public", ask.front, "the public listener")->capture_default_str();
  send_one->callback([&exit_code] { exit_code = send(ask); });
}

}  // namespace hospes::server
