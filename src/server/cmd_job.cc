// hospes job: what the house does by the clock, how far it is, and doing it now.
#include <fmt/format.h>

#include <cstdio>
#include <thread>

#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

constexpr auto look_every = std::chrono::milliseconds(200);

struct Words {
  AskOptions options;
  std::string name;
};

Result<Json> jobs(const House& house, std::string_view method, const std::string& target) {
  return Json::parse(TRY(ask(house, method, target)));
}

Json job_in(const Json& told, std::string_view name) {
  for (const Json& job : told["jobs"].items())
    if (job["name"].text() == name) return job;
  return told["none"];
}

std::string outcome(const Globals& globals, const Json& job) {
  if (!job["error"].is_null()) return job["error"].text();
  if (job["ended"].is_null()) return std::string(globals.say("not yet done since the start", "pas encore fait depuis le démarrage"));
  return fmt::format("{} ({})", job["result"].text(), job["ended"].text());
}

Status list(const Globals& globals, const Words& words) {
  const House house = TRY(find_house(globals, words.options));
  const std::string told = TRY(get(house, "/v1/jobs"));
  if (globals.json) return fmt::print("{}", told), Status();
  const Json all = TRY(Json::parse(told));
  for (const Json& job : all["jobs"].items()) {
    const std::int64_t every = job["every_s"].whole();
    fmt::print(
        "  {:<12} {:<8} {:<12} {}\n               {}\n", job["name"].text(), job["state"].text(),
        every == 0 ? std::string(globals.say("when asked", "à la demande")) : fmt::format("{} {} h", globals.say("every", "toutes les"), every / 3600),
        outcome(globals, job), job["means"][globals.language == Language::fr ? "fr" : "en"].text()
    );
  }
  return {};
}

/// On a terminal, one line that is written again.
void draw(double part) {
  if (!colours()) return;
  const auto full = static_cast<std::size_t>(part * 24);
  std::string bar;
  for (std::size_t i = 0; i < 24; ++i) bar += i < full ? "█" : "░";
  fmt::print("\r  {} {:>3} %", bar, static_cast<int>(part * 100));
  std::fflush(stdout);
}

Status run(const Globals& globals, const Words& words) {
  const House house = TRY(find_house(globals, words.options));
  const Json before = job_in(TRY(jobs(house, "GET", "/v1/jobs")), words.name);
  Json job = job_in(TRY(jobs(house, "POST", "/v1/jobs/" + url_escaped(words.name))), words.name);
  while (job["state"].text() != "idle" || (job["began"].text() == before["began"].text() && job["ended"].text() == before["ended"].text())) {
    draw(std::atof(job["progress"].text().c_str()));
    std::this_thread::sleep_for(look_every);
    job = job_in(TRY(jobs(house, "GET", "/v1/jobs")), words.name);
  }
  if (colours()) fmt::print("\r{:40}\r", "");
  if (!job["error"].is_null()) return fail(Code::unavailable, job["error"].text());
  fmt::print("{}: {}\n", words.name, outcome(globals, job));
  return {};
}

Status cancel(const Globals& globals, const Words& words) {
  const House house = TRY(find_house(globals, words.options));
  TRY(ask(house, "DELETE", "/v1/jobs/" + url_escaped(words.name)));
  return {};
}

template <Status (*what)(const Globals&, const Words&)>
int told(const Globals& globals, const Words& words) {
  const Status done = what(globals, words);
  return done ? exit_done : report(done.error());
}

constexpr Help job_help{
    "job", "What the house does by the clock: how far it is, doing it now, stopping it.",
    "Ce que la maison fait à heure fixe : où cela en est, le faire maintenant, l'arrêter.",
    "hospes job list\nhospes job run lake.sweep", "hospes job list\nhospes job run lake.sweep"};
constexpr Help job_list_help{
    "list", "Each job, when it is done, and what came of it last.", "Chaque tâche, quand elle se fait, et son dernier résultat.",
    "hospes job list --json", "hospes job list --json"};
constexpr Help job_run_help{
    "run", "Does it as soon as the one before it is done, and waits.", "La fait dès que la précédente est finie, et attend.",
    "hospes job run lake.sweep", "hospes job run lake.sweep"};
constexpr Help job_cancel_help{
    "cancel", "Stops one that waits or runs.", "Arrête une tâche qui attend ou tourne.", "hospes job cancel lake.sweep",
    "hospes job cancel lake.sweep"};

}  // namespace

void add_job(Command hospes) {
  const auto words = std::make_shared<Words>();
  const Command all = hospes.command(job_help);
  all.needs_command();
  const Command listing = all.command(job_list_help), running = all.command(job_run_help), cancelling = all.command(job_cancel_help);
  for (const Command& command : {running, cancelling})
    command.option("NAME", words->name, "as hospes job list shows it", "comme hospes job list le montre").required();
  for (const Command& command : {listing, running, cancelling}) add_ask_options(command, words->options);
  listing.run(words, told<list>);
  running.run(words, told<run>);
  cancelling.run(words, told<cancel>);
}

}  // namespace hospes::server
