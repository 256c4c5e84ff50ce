// hospes doctor: is this machine and this configuration fit for a house?
#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.h"
#include "server/doctor.h"
#include "server/command.h"
#include "server/settings.h"

namespace hospes::server {
namespace {

std::string_view word(Health health) {
  return health == Health::ok ? "ok" : health == Health::warn ? "warn" : "fail";
}

void print_text(const std::vector<Finding>& findings) {
  for (const Finding& f : findings) {
    const std::string_view colour = f.health == Health::ok     ? green
                                    : f.health == Health::warn ? yellow
                                                               : red;
    fmt::print(
        "{}{:<4}{}  {:<15}  {}\n", colours() ? colour : "", word(f.health), colours() ? plain : "",
        f.check, f.means
    );
    if (!f.todo.empty()) fmt::print("                       → {}\n", f.todo);
  }
}

void print_json(const std::vector<Finding>& findings, bool fit) {
  std::string list;
  for (const Finding& f : findings) {
    list += fmt::format(
        "{}{{\"check\":{},\"health\":\"{}\",\"means\":{},\"do\":{}}}", list.empty() ? "" : ",",
        json_text(f.check), word(f.health), json_text(f.means), json_text(f.todo)
    );
  }
  fmt::print("{{\"fit\":{},\"checks\":[{}]}}\n", fit, list);
}

int run_doctor(const Globals& globals) {
  const auto settings = settings_of(globals);
  std::vector<Finding> findings;
  if (settings) {
    findings.push_back({"configuration", Health::ok, globals.config_path, ""});
    std::ranges::move(examine(*settings), std::back_inserter(findings));
  } else {
    findings.push_back(
        {"configuration", Health::fail, settings.error().message,
         "the rest cannot be looked at before; hospes config sample prints one to start from"}
    );
  }
  const bool fit =
      std::ranges::none_of(findings, [](const Finding& f) { return f.health == Health::fail; });
  if (globals.json) {
    print_json(findings, fit);
  } else {
    print_text(findings);
  }
  return fit ? exit_done : exit_no;
}

constexpr Help doctor_help{
    "doctor",
    "Looks whether this machine and hospes.toml are fit for a house, and says what to change.",
    "Regarde si cette machine et hospes.toml conviennent à une maison, et dit que changer.",
    "hospes doctor\n"
    "hospes doctor --config /etc/hospes/hospes.toml --json\n"
    "It may run beside a running house. ok: nothing to do; warn: it works, but; fail: it would "
    "not.",
    "hospes doctor\n"
    "hospes doctor --config /etc/hospes/hospes.toml --json\n"
    "Peut tourner à côté d'une maison en marche. ok : rien à faire ; warn : à voir ; fail : "
    "bloquant."};

}  // namespace

void add_doctor(Command hospes) {
  hospes.command(doctor_help).run(run_doctor);
}

}  // namespace hospes::server
