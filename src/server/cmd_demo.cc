// hospes demo: a record shop with real orders and invented visitors, all through the public API.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "clock/clock.h"
#include "demo/letterbox.h"
#include "demo/replay.h"
#include "demo/simulator.h"
#include "http/client.h"
#include "node/node.h"
#include "server/commands.h"
#include "server/command.h"
#include "server/runtime.h"
#include "server/settings.h"

namespace hospes::server {
namespace {

namespace fs = std::filesystem;

struct Choice {
  std::string data = "data";
  std::string house = "house/disquaire";
  std::string orders = "third_party/cdnow/CDNOW_master.txt";
  std::string front, console, ui_dir;
  bool fresh = false;
  bool once = false;
};

constexpr auto glance_every = std::chrono::seconds(10);
constexpr std::size_t rows_shown = 8;

std::string name_of(const Runtime::Count& count) { return count.en + " / " + count.fr; }

void glance_head(const Globals& globals, std::string_view en, std::string_view fr, bool moves) {
  fmt::print("\n  {:<66} {:>9}", globals.say(en, fr), globals.say("people", "personnes"));
  if (moves) fmt::print(" {:>6} {:>6}", globals.say("in", "entrés"), globals.say("out", "sortis"));
  fmt::print("\n");
}

/// The largest segments, for whoever sees them for the first time.
void largest(const std::vector<Runtime::Count>& all, const Globals& globals) {
  auto counts = all;
  std::ranges::stable_sort(counts, std::ranges::greater{}, &Runtime::Count::members);
  glance_head(
      globals, "the largest segments (English / French)", "les plus grands segments", false
  );
  for (std::size_t i = 0; i < counts.size() && i < rows_shown; ++i)
    fmt::print("  {:<66} {:>9}\n", name_of(counts[i]), counts[i].members);
  if (counts.size() > rows_shown) {
    fmt::print(
        "  …{} {}: hospes segment list\n", counts.size() - rows_shown, globals.say("more", "autres")
    );
  }
}

/// What moved in the last minute, and the newest passages.
void glance(Runtime& house, const Globals& globals) {
  const auto counts = house.counts();
  const auto rows = house.moves().rows(SystemClock().now());
  glance_head(
      globals, "segments that moved in the last minute", "segments qui ont bougé dans la minute",
      true
  );
  for (std::size_t i = 0; i < rows.size() && i < rows_shown; ++i) {
    const Moves::Row& r = rows[i];
    if (r.segment >= counts.size()) continue;
    fmt::print(
        "  {:<60} {:>5} {:>9} {:>6} {:>6}\n", name_of(counts[r.segment]),
        r.simulated ? "[sim]" : "", counts[r.segment].members, fmt::format("+{}", r.in),
        fmt::format("-{}", r.out)
    );
  }
  if (rows.empty())
    fmt::print("  {}\n", globals.say("none: nothing happened", "aucun : il ne s'est rien passé"));
  fmt::print("  {}\n", globals.say("the newest passages", "les derniers passages"));
  for (const flow::Transition& t : house.moves().newest()) {
    if (t.segment >= counts.size()) continue;
    const std::string at = to_string(t.at);
    const auto& name =
        globals.language == Language::fr ? counts[t.segment].fr : counts[t.segment].en;
    fmt::print(
        "    {}  {}{} {} {} ({})\n", at.substr(11, 8), house.who(t), t.simulated ? " [sim]" : "",
        t.entered ? globals.say("enters", "entre dans") : globals.say("leaves", "quitte"), name,
        to_string(t.why)
    );
  }
  std::fflush(stdout);
}

void welcome(Runtime& house, const Choice& choice, const Globals& globals) {
  const Opened& o = house.opened();
  largest(house.counts(), globals);
  const auto line = [&](std::string_view en, std::string_view fr, const std::string& text) {
    fmt::print("  {:<32} {}\n", globals.say(en, fr), text);
  };
  fmt::print("\n");
  line("owner link (once, 15 minutes)", "lien du propriétaire (une fois)", o.owner_link);
  line(
      "send one yourself", "envoyez-en un",
      fmt::format(
          "curl -u wk_demo: http://127.0.0.1:{}/v1/track -d "
          "'{{\"userId\":\"me\",\"event\":\"Product "
          "Viewed\",\"context\":{{\"consent\":{{\"categoryPreferences\":{{\"personalise\":true}}}}}"
          "}}}'",
          o.public_port
      )
  );
  line(
      "then look at it", "puis regardez-le",
      fmt::format(
          "curl -H \"Authorization: Bearer $(cat {}/house/console/token)\" "
          "http://127.0.0.1:{}/v1/profiles/user_id:me",
          choice.data, o.console_port
      )
  );
  line(
      "and ask why", "et demandez pourquoi",
      fmt::format(
          "build/release/bin/hospes why user_id:me looks_does_not_buy{}",
          o.console_port == 8081 ? ""
                                 : fmt::format(" --console http://127.0.0.1:{}", o.console_port)
      )
  );
  fmt::print(
      "{}\n", globals.say(
                  fmt::format("Ctrl-C stops; the data stays in {}.", choice.data),
                  fmt::format("Ctrl-C arrête ; les données restent dans {}.", choice.data)
              )
  );
  std::fflush(stdout);
}

demo::Patience patience_of(const Signals& signals, bool& stopped) {
  demo::Patience patience;
  patience.stopping = [&] {
    return stopped = stopped || signals.wait_for(std::chrono::milliseconds(0));
  };
  patience.pause = [&](std::chrono::milliseconds ms) { stopped = stopped || signals.wait_for(ms); };
  return patience;
}

/// Real orders first, from where the last run stopped. False when told to stop.
Result<bool> replay(
    Runtime& house, const Choice& choice, const Globals& globals, const Signals& signals
) {
  auto orders = TRY(demo::read_cdnow(choice.orders));
  http::Client client({.port = house.opened().public_port});
  SystemClock clock;
  demo::ReplayOptions options;
  options.position_file = (fs::path(choice.data) / "demo-position").string();
  bool stopped = false;
  options.patience = patience_of(signals, stopped);
  const auto done =
      demo::replay(client, std::move(orders), clock, options, [&](const demo::Progress& p) {
        fmt::print(
            "{}{}", ::isatty(1) != 0 ? "\r" : "",
            demo::progress_line(p, globals.language == Language::fr)
        );
        if (::isatty(1) == 0) fmt::print("\n");
        std::fflush(stdout);
      });
  fmt::print("\n");
  if (!done && stopped) return false;
  if (!done) return std::unexpected(done.error());
  house.node().settle();
  return true;
}

/// Invented visitors until told to stop; now and then a glance at what moved.
Status simulate(
    Runtime& house, const Choice& choice, const Globals& globals, const Signals& signals
) {
  auto orders = TRY(demo::read_cdnow(choice.orders));
  SystemClock clock;
  const std::int64_t weeks = demo::weeks_to(orders, clock.now());
  const auto seed = static_cast<std::uint64_t>(clock.now().us);
  demo::Simulator simulator(seed, demo::plan(std::move(orders), weeks), clock.now());
  http::Client client({.port = house.opened().public_port});
  bool stopped = false;
  const demo::Patience patience = patience_of(signals, stopped);
  Instant glanced = clock.now();
  while (!stopped && !signals.wait_for(std::chrono::milliseconds(500))) {
    const auto sent = demo::send_due(client, simulator, clock.now(), {}, patience);
    if (!sent && !stopped) return std::unexpected(sent.error());
    if (clock.now() - glanced < glance_every) continue;
    glance(house, globals);
    glanced = clock.now();
  }
  return {};
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The demo's own copy of its definitions, so that what is saved in the console stays with the
/// demo's data. Segments that nobody changed since they were copied are copied anew.
Result<fs::path> own_definitions(const Choice& choice, const Globals& globals) {
  const fs::path from = fs::absolute(choice.house);
  const fs::path to = fs::absolute(fs::path(choice.data) / "definitions");
  const fs::path origin = fs::absolute(fs::path(choice.data) / "segments-as-copied.seg");
  std::error_code error;
  fs::create_directories(to, error);
  const std::string shipped = text_of(from / "segments.seg");
  const bool changed =
      fs::exists(origin, error) && text_of(to / "segments.seg") != text_of(origin);
  constexpr auto over = fs::copy_options::overwrite_existing;
  for (fs::recursive_directory_iterator one(from, error), end; !error && one != end;
       one.increment(error)) {
    const fs::path name = one->path().lexically_relative(from);
    if (one->is_directory()) {
      fs::create_directories(to / name, error);
    } else if (!changed || name != "segments.seg") {
      fs::copy_file(one->path(), to / name, over, error);
    }
  }
  if (!error && !changed) fs::copy_file(from / "segments.seg", origin, over, error);
  if (error)
    return fail(
        Code::unavailable,
        fmt::format("{} cannot be copied to {}: {}", from.string(), to.string(), error.message())
    );
  if (changed && shipped != text_of(origin))
    fmt::print(
        "{}\n", globals.say(
                    "the segments you changed are kept; this version has others: --fresh takes them",
                    "vos segments modifiés sont gardés ; cette version en a d'autres : --fresh les prend"
                )
    );
  return to;
}

/// What the demo does by itself: its journeys (kept when they are there), and the letters they ask for,
/// to the letterbox.
Status act(const fs::path& definitions, const demo::Letterbox& box, config::Settings& settings) {
  const fs::path acts = definitions / "acts";
  std::error_code error;
  if (!fs::exists(acts / "actions.toml", error)) return {};
  fs::copy_file(acts / "journeys.jny", definitions / "journeys.jny", fs::copy_options::skip_existing, error);
  std::string actions = text_of(acts / "actions.toml");
  if (const auto at = actions.find(demo::Letterbox::usual); at != std::string::npos)
    actions.replace(at, demo::Letterbox::usual.size(), fmt::format("127.0.0.1:{}", box.port()));
  std::ofstream out(definitions / "actions.toml", std::ios::binary | std::ios::trunc);
  if (error || !(out << actions << std::flush))
    return fail(Code::unavailable, fmt::format("{} cannot be written", definitions.string()));
  if (settings.act_allow.empty()) settings.act_allow = {"127.0.0.0/8"};
  return {};
}

int demo_house(const Choice& choice, const Globals& globals) {
  const Signals signals;
  if (choice.fresh) {
    std::error_code ignored;
    fs::remove_all(choice.data, ignored);
  }
  config::Settings settings;
  settings.log_level = "warn";
  settings.data_folder = fs::absolute(fs::path(choice.data) / "house").string();
  settings.keys_folder = fs::absolute(fs::path(choice.data) / "keys").string();
  const auto definitions = own_definitions(choice, globals);
  if (!definitions) return report(definitions.error());
  settings.house_folder = definitions->string();
  const auto letterbox = demo::Letterbox::open();
  if (!letterbox) return report(letterbox.error());
  if (Status acts = act(*definitions, **letterbox, settings); !acts) return report(acts.error());
  for (const auto& entry : globals.overrides) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos) {
      return report({Code::invalid_input, fmt::format("--set {}: write section.key=value", entry)});
    }
    if (Status set = config::set(settings, entry.substr(0, equals), entry.substr(equals + 1)); !set)
      return report(set.error());
  }
  if (!choice.front.empty()) settings.public_listen = choice.front;
  if (!choice.console.empty()) settings.console_listen = choice.console;
  auto opened = Runtime::open(settings, {.command = "demo", .ui_dir = choice.ui_dir});
  if (!opened) return report(opened.error());
  Runtime& house = **opened;
  fmt::print(
      "{}\n", globals.say(
                  "hospes: demo house \"Disquaire\": 69,659 real orders of 23,570 people (CDNOW, "
                  "1997-98), dates moved by whole weeks",
                  "hospes : maison de démonstration « Disquaire » : 69 659 commandes réelles de 23 "
                  "570 personnes (CDNOW, 1997-98), dates décalées de semaines entières"
              )
  );
  const auto replayed = replay(house, choice, globals, signals);
  if (replayed && *replayed) {
    welcome(house, choice, globals);
    const Status simulated = choice.once ? Status{} : simulate(house, choice, globals, signals);
    if (!simulated) report(simulated.error());
  }
  house.stop();
  if (!replayed) return report(replayed.error());
  fmt::print(
      "{}\n",
      globals.say("hospes: stopped; the data stays.", "hospes : arrêté ; les données restent.")
  );
  return exit_done;
}

}  // namespace

void add_demo(Command hospes) {
  static Choice choice;
  const Command command = hospes.command({"demo",
       "A record shop: real orders replayed from their past to now, then invented visitors, badged "
       "[sim].",
       "Un disquaire : de vraies commandes rejouées de leur passé à maintenant, puis des visiteurs "
       "inventés, marqués [sim].",
       "hospes demo\nhospes demo --fresh   start over\nIn another terminal: hospes tail",
       "hospes demo\nhospes demo --fresh   tout recommencer\nDans un autre terminal : hospes tail"}
  );
  command.option("--data", choice.data, "where the demo's house lives").shows_default();
  command.option("--house", choice.house, "the house's folder of definitions")
      .shows_default();
  command.option("--orders", choice.orders, "CDNOW_master.txt").shows_default();
  command.option("--public", choice.front, "address:port where events arrive");
  command.option("--console", choice.console, "address:port of the console");
  command.option("--ui-dir", choice.ui_dir, "the console's pages from this folder")
      .existing_folder();
  command.flag("--fresh", choice.fresh, "start over: the demo's data goes");
  command.flag("--once", choice.once, "stop when the real orders are in");
  command.run([](const Globals& globals) { return demo_house(choice, globals); });
}

}  // namespace hospes::server
