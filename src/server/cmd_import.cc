// hospes import: files into a running house, through the public API.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/json_text.h"
#include "catalog/house_folder.h"
#include "catalog/moving.h"
#include "clock/clock.h"
#include "intake/parquet.h"
#include "intake/supply.h"
#include "server/asking.h"
#include "server/carry_commands.h"
#include "server/command.h"
#include "server/settings.h"

namespace hospes::server {
namespace {

namespace fs = std::filesystem;

struct Import {
  AskOptions options;
  std::string house, source, key, manifest, dates, decimal, separator;
  std::vector<std::string> files, columns;
  intake::Wishes wishes;
  std::string waive, by, because;
  bool dry = false, again = false, sketch = false, acts = false;
};

std::string name_of(const std::string& path) { return fs::path(path).filename().string(); }

/// 1,204 in English, 1 204 in French.
std::string grouped(std::uint64_t n, const Globals& globals) {
  std::string out = std::to_string(n);
  for (std::size_t i = out.size(); i > 3; i -= 3) out.insert(i - 3, globals.say(",", " "));
  return out;
}

std::string duration(std::uint64_t s) {
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
}

Status take_words(Import& import) {
  intake::Wishes& w = import.wishes;
  if (import.dates == "dmy") w.dates = table::DateOrder::day_first;
  if (import.dates == "mdy") w.dates = table::DateOrder::month_first;
  if (import.decimal == "comma") w.sign = table::DecimalSign::comma;
  if (import.decimal == "point") w.sign = table::DecimalSign::point;
  if (import.separator == "tab") import.separator = "\t";
  if (import.separator.size() > 1)
    return fail(Code::invalid_input, "--separator is one character, or tab");
  if (!import.separator.empty()) w.separator = import.separator[0];
  for (const std::string& said : import.columns) {
    const auto equals = said.find('=');
    if (equals == 0 || equals == said.npos || equals + 1 == said.size())
      return fail(
          Code::invalid_input, fmt::format("--columns {}: write NAME=COLUMN, as userId=Client", said)
      );
    w.columns[said.substr(0, equals)] = said.substr(equals + 1);
  }
  return {};
}

/// The house's definitions: `--house`, else hospes.toml's, else the demo's.
Result<std::string> house_folder(const Globals& globals, const Import& import) {
  std::error_code error;
  if (!import.house.empty()) return import.house;
  if (!fs::exists(globals.config_path, error) && globals.overrides.empty()) {
    const std::string demo = "data/definitions";  // its own copy, cmd_demo.cc
    return fs::exists(demo, error) ? demo : std::string("house/disquaire");
  }
  return TRY(settings_of(globals)).house_folder;
}

Result<std::string> key_of(const Import& import, const catalog::Catalog& catalog) {
  std::string key = import.key;
  if (const char* said = std::getenv("HOSPES_KEY"); key.empty() && said != nullptr) key = said;
  if (key.empty()) key = "wk_demo_" + import.source;
  const catalog::Source* source = TRY(catalog.sources.named(import.source));
  const auto match = catalog.sources.by_key(key, source->name, SystemClock().now());
  if (!match && import.key.empty() && std::getenv("HOSPES_KEY") == nullptr)
    return fail(
        Code::invalid_input,
        fmt::format("say --key KEY, or set HOSPES_KEY: a server key of source \"{}\"", source->name)
    );
  if (!match) return std::unexpected(match.error());
  if (match->use == catalog::KeyUse::public_key)
    return fail(
        Code::invalid_input,
        fmt::format(
            "this is a public key of \"{}\", which anybody may know; an import needs a server key",
            source->name
        )
    );
  return key;
}

Result<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Code::not_found, path + " cannot be read");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<intake::Manifest> manifest_of(
    const Import& import, const std::optional<intake::Takeaway>& taken, std::string& text
) {
  if (taken && import.manifest.empty()) {
    text = taken->manifest;  // it says itself where it is from
    return intake::read_manifest(text, name_of(import.files.front()), SystemClock().now());
  }
  const std::string path =
      import.manifest.empty() ? import.files.front() + ".manifest.toml" : import.manifest;
  auto read = read_text(path);
  if (!read)
    return fail(
        Code::invalid_input,
        fmt::format(
            "no manifest: {} says nowhere where its data comes from, and what has no provenance does "
            "not enter. Write one: hospes import --sketch-manifest {} > {}, and fill it in",
            import.files.front(), fmt::join(import.files, " "), path
        )
    );
  text = std::move(*read);
  return intake::read_manifest(text, path, SystemClock().now());
}

/// What the house keeps of it: events bear the first digits of its hash, this is what they mean.
Status register_manifest(
    const std::string& house, const intake::Manifest& manifest, const std::string& text
) {
  const fs::path folder = fs::path(house) / "imports";
  const fs::path file = folder / (std::string(manifest.short_id()) + ".toml");
  std::error_code error;
  if (fs::exists(file, error)) return {};
  fs::create_directories(folder, error);
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (out.flush()) return {};
  return fail(
      Code::unavailable,
      fmt::format("{} cannot be written: the house keeps the manifest of what it took", file.string())
  );
}

void show_layout(
    const Globals& globals, const intake::TableFacts& facts, const intake::Layout& layout
) {
  fmt::print(
      fmt::runtime(globals.say(
          "{}   {}, \"{}\" between cells, {} rows{}, times without a zone as in {}\n",
          "{}   {}, « {} » entre cellules, {} lignes{}, heures sans fuseau lues à {}\n"
      )),
      facts.file, facts.encoding, facts.separator == '\t' ? "tab" : std::string(1, facts.separator),
      grouped(facts.rows, globals),
      facts.ragged == 0
          ? ""
          : fmt::format(
                fmt::runtime(globals.say(
                    " ({} with another number of cells)", " ({} au nombre de cellules différent)"
                )),
                facts.ragged
            ),
      layout.zone
  );
  for (const intake::Column& c : layout.columns) {
    constexpr std::string_view readings[] = {"text", "number", "date", "true or false"};
    constexpr std::string_view lectures[] = {"texte", "nombre", "date", "oui ou non"};
    const auto reading = static_cast<std::size_t>(c.reading);
    const bool property = c.part == intake::Part::property;
    fmt::print(
        "  {:<28} {:<20} {}{}\n", c.header, property ? c.property : intake::to_string(c.part),
        property || c.part == intake::Part::timestamp
            ? globals.say(readings[reading], lectures[reading])
            : std::string_view(),
        c.because.empty() ? "" : fmt::format(" ({})", c.because)
    );
  }
}

std::string bar(const Globals& globals, const std::string& file, const intake::Carried& c) {
  constexpr std::size_t width = 24;
  const auto full = static_cast<std::size_t>(c.share * width);
  std::string out;
  for (std::size_t i = 0; i < width; ++i) out += i < full ? "█" : "░";
  return fmt::format(
      fmt::runtime(globals.say(
          "importing {}  {}  {:.0f} %   {} lines/s   {} left",
          "importe {}  {}  {:.0f} %   {} lignes/s   encore {}"
      )),
      file, out, c.share * 100, grouped(c.lines_per_s, globals), duration(c.seconds_left)
  );
}

/// One line that is written over on a terminal; elsewhere one every ten seconds.
class Progress {
 public:
  Progress(const Globals& globals, std::string file)
      : globals_(globals), file_(std::move(file)), terminal_(::isatty(2) != 0) {}
  void operator()(const intake::Carried& carried) {
    const Instant now = SystemClock().now();
    const std::chrono::milliseconds every(terminal_ ? 100 : 10'000);
    if (now - last_ < every) return;
    last_ = now;
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r\033[K" : "", bar(globals_, file_, carried),
               terminal_ ? "" : "\n");
    std::fflush(stderr);
    shown_ = true;
  }
  void end() const {
    if (shown_ && terminal_) fmt::print(stderr, "\r\033[K");
  }

 private:
  const Globals& globals_;
  std::string file_;
  bool terminal_, shown_ = false;
  Instant last_ = SystemClock().now();
};

/// Everything about one file before its first line is sent.
struct Ready {
  std::string path, sha256, meaning;
  std::optional<intake::ParquetRows> unpacked;  // what is read in place of it
  intake::TableFacts facts;
  intake::Layout layout;
  bool table = false;
  std::optional<intake::Takeaway> taken = {};
  bool own = false;  // it was taken from this very house

  Result<std::unique_ptr<intake::Supply>> supply(const intake::Manifest& manifest) const {
    // The file's content and the line name an event for ever: sent twice, it counts once.
    const std::string root = "file-" + sha256.substr(0, 24);
    if (taken) return intake::supply_takeaway(*taken, own, manifest, root);
    return table ? intake::supply_table(rows(), facts, layout, manifest, root)
                 : intake::supply_lines(rows(), manifest, layout.at, root);
  }
  const std::string& rows() const { return unpacked ? unpacked->path() : path; }
};

Result<Ready> prepare(
    const Globals& globals, const Import& import, const std::string& path,
    const std::optional<intake::Takeaway>& taken, const intake::Manifest& manifest,
    const catalog::Catalog& catalog
) {
  Ready out{.path = path};
  const intake::Kind kind = TRY(intake::kind_of(path));
  out.taken = taken;
  out.own = taken && taken->house == catalog.house.name;
  if (taken && !out.own)
    fmt::print(
        stderr, fmt::runtime(globals.say(
            "taken from {}, not from {}: what was permitted there is no yes to this house, and is left out\n",
            "emporté de {}, et non de {} : ce qui y était permis n'est pas un oui à cette maison, et reste dehors\n"
        )),
        taken->house, catalog.house.name
    );
  out.sha256 = TRY(intake::sha256_of_file(path));
  TRY(intake::speaks_of(manifest, name_of(path), out.sha256));
  if (kind == intake::Kind::parquet) out.unpacked.emplace(TRY(intake::ParquetRows::open(path)));
  out.table = kind == intake::Kind::csv || (out.unpacked && !out.unpacked->events());
  out.layout.at = import.wishes.at;
  if (out.table) {
    const intake::TableHints hints = out.unpacked ? intake::TableHints{"UTF-8", ',', true}
                                                  : intake::TableHints{import.wishes.encoding, import.wishes.separator};
    out.facts = TRY(intake::look_at(out.rows(), hints));
    if (out.unpacked) out.unpacked->tell(out.facts), out.facts.file = name_of(path);
    out.layout = TRY(intake::lay_out(out.facts, import.wishes, catalog));
    if (!globals.json) show_layout(globals, out.facts, out.layout);
  }
  out.meaning = fmt::format(
      "{}|{}|{}|{}|{}{}", import.source, manifest.sha256, out.layout.signature(), out.facts.encoding,
      out.facts.separator, import.acts ? "|act" : ""
  );
  return out;
}

struct Tally {
  std::uint64_t lines = 0, refused = 0;
};

/// What would be sent, without sending: the first events, and the lines that do not fit.
Result<Tally> rehearse(const Globals& globals, const Ready& file, const intake::Manifest& manifest) {
  auto supply = TRY(file.supply(manifest));
  Tally out;
  constexpr std::size_t shown_max = 10, shown_bytes_max = 4'000;
  std::size_t shown = 0;
  for (bool first = true;; first = false) {
    intake::Batch batch;
    if (!TRY(supply->next(0, batch))) break;
    out.lines += batch.lines.size() + batch.unfit.size();
    out.refused += batch.unfit.size();
    if (globals.json) continue;
    if (first)
      fmt::print("  {}\n", batch.items.substr(0, std::min(batch.items.size(), shown_bytes_max)));
    for (const auto& left : batch.unfit)
      if (++shown <= shown_max)
        fmt::print("  {}:{}: {} ({})\n", name_of(file.path), left.line, left.reason, left.code);
  }
  if (shown > shown_max) fmt::print("  … {}\n", grouped(shown - shown_max, globals));
  if (globals.json) return out;
  fmt::print(
      fmt::runtime(globals.say(
          "dry run: {} lines fit, {} do not; nothing was sent\n",
          "à blanc : {} lignes conviennent, {} non ; rien n'a été envoyé\n"
      )),
      grouped(out.lines - out.refused, globals), grouped(out.refused, globals)
  );
  return out;
}

void tell(const Globals& globals, const Ready& file, const intake::Carried& c, Duration passed) {
  const std::string report = intake::folder_of(file.path) + "/report.tsv";
  if (globals.json) {
    fmt::print(
        "{{\"file\":{},\"lines\":{},\"accepted\":{},\"withheld\":{},\"refused\":{},\"resumed_at\":{},"
        "\"nothing_left\":{},\"report\":{}}}\n",
        json_text(file.path), c.lines, c.accepted, c.withheld, c.refused, c.resumed_at,
        c.nothing_left, json_text(report)
    );
    return;
  }
  if (c.nothing_left)
    fmt::print(
        "{}\n", globals.say(
                    "this file was imported before, to its last line; --again sends it once more "
                    "(each line counts once)",
                    "ce fichier a déjà été importé jusqu'à sa dernière ligne ; --again le renvoie "
                    "(chaque ligne compte une fois)"
                )
    );
  else if (c.resumed_at > 0)
    fmt::print(
        fmt::runtime(globals.say("resumed after line {}\n", "repris après la ligne {}\n")),
        grouped(c.resumed_at, globals)
    );
  fmt::print(
      fmt::runtime(globals.say(
          "{}   {} lines: accepted {}, withheld {}, refused {}   {}   report {}\n",
          "{}   {} lignes : acceptées {}, retenues {}, refusées {}   {}   rapport {}\n"
      )),
      name_of(file.path), grouped(c.lines, globals), grouped(c.accepted, globals),
      grouped(c.withheld, globals), grouped(c.refused, globals),
      duration(static_cast<std::uint64_t>(passed.count() / 1'000'000)), report
  );
}

Result<intake::Carried> send(
    const Globals& globals, const Import& import, const Ready& file,
    const intake::Manifest& manifest, const std::string& key, const Signals& signals, bool& stopped
) {
  http::Client client(TRY(find_front(globals, import.options)));
  SystemClock clock;
  http::Patience patience;
  patience.stopping = [&] {
    return stopped = stopped || signals.wait_for(std::chrono::milliseconds(0));
  };
  patience.pause = [&](std::chrono::milliseconds ms) { stopped = stopped || signals.wait_for(ms); };
  auto supply = TRY(file.supply(manifest));
  Progress progress(globals, name_of(file.path));
  auto carried = intake::carry(
      client, *supply, clock,
      {.path = file.path,
       .sha256 = file.sha256,
       .meaning = file.meaning,
       .write_key = key,
       .context = fmt::format(R"({{"import":{{"manifest":"{}"{}}}}})", manifest.short_id(), import.acts ? R"(,"acts":true)" : ""),
       .again = import.again},
      patience, std::ref(progress)
  );
  progress.end();
  return carried;
}

Status sketch(const Import& import) {
  std::vector<intake::ManifestFile> files;
  for (const std::string& path : import.files)
    files.push_back({name_of(path), TRY(intake::sha256_of_file(path))});
  fmt::print("{}", intake::sketch(files));
  return {};
}

/// A yes of the old tool enters only when those who said no to it are known (catalog/moving.h).
Status check_moving(const std::string& house) {
  catalog::Moving moving = TRY(catalog::read_moving_folder(house));
  moving.begun = true;
  const auto open = moving.open();
  if (open.empty()) return {};
  std::string names, how;
  for (const catalog::NoList list : open) {
    const std::string name(to_string(list));
    names += (names.empty() ? "" : ", ") + name;
    how += fmt::format(
        "\n  hospes import --source … --type {} {}.csv      or: hospes import --waive {} --by "
        "\"YOUR NAME\" --because \"…\"",
        name.substr(0, name.size() - 1), name, name
    );
  }
  return fail(
      Code::conflict,
      fmt::format(
          "first those who said no: {} of the old tool are neither imported nor waived, and until "
          "then no yes enters and contact:* stays closed.{}",
          names, how
      )
  );
}

std::optional<catalog::NoList> list_of(std::string_view type) {
  for (const catalog::NoList list : catalog::no_lists) {
    const std::string_view name = to_string(list);
    if (type == name || type == name.substr(0, name.size() - 1)) return list;
  }
  return std::nullopt;
}

Status settle(const std::string& house, const Ready& file, catalog::NoList list) {
  catalog::Moving moving = TRY(catalog::read_moving_folder(house));
  moving.of(list).imported.push_back(
      fmt::format("{} {} {}", file.sha256.substr(0, 16), name_of(file.path), today())
  );
  return catalog::write_moving_folder(house, moving);
}

Status waive(const Globals& globals, const Import& import) {
  const auto list = list_of(import.waive);
  if (!list)
    return fail(Code::invalid_input, "--waive unsubscribes, --waive bounces or --waive complaints");
  if (import.by.find_first_not_of(' ') == std::string::npos || import.because.empty())
    return fail(
        Code::invalid_input, "a waiver bears a name and a reason: --by \"Marie Dupont\" --because "
                             "\"the old tool gave no list of complaints\""
    );
  const std::string house = TRY(house_folder(globals, import));
  catalog::Moving moving = TRY(catalog::read_moving_folder(house));
  catalog::Settled& settled = moving.of(*list);
  settled.waived_by = import.by, settled.because = import.because, settled.on = today();
  TRY(catalog::write_moving_folder(house, moving));
  moving.begun = true;
  fmt::print(
      fmt::runtime(globals.say(
          "{} waived by {}; still open: {}\n", "{} levées par {} ; restent ouvertes : {}\n"
      )),
      to_string(*list), import.by, moving.open().size()
  );
  return {};
}

/// What a guest took away: alone, for it says itself where it is from.
Result<std::optional<intake::Takeaway>> takeaway_of(const Import& import) {
  std::size_t zips = 0;
  for (const std::string& path : import.files) zips += TRY(intake::kind_of(path)) == intake::Kind::zip ? 1 : 0;
  if (zips == 0) return std::nullopt;
  if (import.files.size() > 1)
    return fail(Code::invalid_input, "a zip that a guest took away is imported alone; unpack other zips");
  return TRY(intake::read_takeaway(import.files.front(), name_of(import.files.front())));
}

/// The exit code: whether any line was refused, or the way ended early.
Result<int> import_all(const Globals& globals, Import& import) {
  TRY(take_words(import));
  if (!import.waive.empty()) return TRY(waive(globals, import)), int{exit_done};
  if (import.files.empty())
    return fail(Code::invalid_input, "no file is named. See hospes import --help");
  if (import.sketch) return TRY(sketch(import)), int{exit_done};
  const std::string house = TRY(house_folder(globals, import));
  const auto catalog = TRY(catalog::read_house_folder(house));
  catalog::use(catalog.kinds);
  if (import.wishes.type == "contact" && !import.dry) TRY(check_moving(house));
  const std::string key = TRY(key_of(import, catalog));
  std::string text;
  const auto taken = TRY(takeaway_of(import));
  const intake::Manifest manifest = TRY(manifest_of(import, taken, text));
  std::vector<Ready> ready;
  for (const std::string& path : import.files)
    ready.push_back(TRY(prepare(globals, import, path, taken, manifest, catalog)));
  const Signals signals;
  bool stopped = false;
  std::uint64_t refused = 0;
  if (!import.dry) TRY(register_manifest(house, manifest, text));
  for (const Ready& file : ready) {
    if (import.dry) {
      refused += TRY(rehearse(globals, file, manifest)).refused;
      continue;
    }
    const Instant began = SystemClock().now();
    const auto carried = send(globals, import, file, manifest, key, signals, stopped);
    if (!carried && stopped) {
      fmt::print(
          stderr, "{}\n",
          globals.say(
              "stopped; the same command goes on where this one ended",
              "arrêté ; la même commande reprendra où celle-ci s'est arrêtée"
          )
      );
      return int{exit_world};
    }
    if (!carried) return std::unexpected(carried.error());
    if (const auto list = list_of(import.wishes.type); list && !carried->nothing_left)
      TRY(settle(house, file, *list));
    tell(globals, file, *carried, SystemClock().now() - began);
    refused += carried->refused;
  }
  return refused == 0 ? int{exit_done} : int{exit_no};
}

constexpr Help import_help{
    "import",
    "Files (NDJSON or CSV, also gzip, or Parquet) into a running house: with where they come from, their own "
    "times, and a report of every line that was not taken.",
    "Des fichiers (NDJSON ou CSV, aussi gzip, ou Parquet) dans une maison qui tourne : avec leur provenance, "
    "leurs propres dates, et un rapport de chaque ligne qui n'est pas entrée.",
    "hospes import --sketch-manifest orders.csv > orders.csv.manifest.toml   fill it in\n"
    "hospes import --source shop --event \"Order Completed\" --dry-run orders.csv\n"
    "hospes import --source shop --event \"Order Completed\" orders.csv        Ctrl-C, and again: it "
    "goes on",
    "hospes import --sketch-manifest commandes.csv > commandes.csv.manifest.toml   à remplir\n"
    "hospes import --source shop --event \"Order Completed\" --dry-run commandes.csv\n"
    "hospes import --source shop --event \"Order Completed\" commandes.csv        Ctrl-C, puis de "
    "nouveau : elle reprend"};

}  // namespace

void add_import(Command hospes) {
  const Command command = hospes.command(import_help);
  const auto import = std::make_shared<Import>();
  command.option("FILE", import->files, "NDJSON or CSV, plain or gzip, or Parquet; or the zip that a guest took away", "NDJSON ou CSV, simple ou gzip, ou Parquet ; ou le zip qu'un invité a emporté");
  command.option("--house", import->house, "the house's folder of definitions",
         "le dossier des définitions de la maison");
  command.option("--source", import->source, "the source they enter by", "la source par où ils entrent");
  command.option("--key", import->key, "a server key of that source; else HOSPES_KEY",
         "une clé serveur de cette source ; sinon HOSPES_KEY");
  command.option("--public", import->options.front, "the house's address:port", "adresse:port de la maison");
  command.option("--manifest", import->manifest, "where the data comes from; else FILE.manifest.toml",
         "d'où viennent les données ; sinon FILE.manifest.toml");
  command.flag("--sketch-manifest", import->sketch, "print a manifest to fill in",
       "écrit un manifeste à remplir");
  command.flag("--dry-run", import->dry, "read everything, send nothing", "tout lire, ne rien envoyer");
  command.flag("--again", import->again, "from the first line, though it was imported",
       "depuis la première ligne, même si c'est déjà importé");
  command.flag("--act", import->acts, "let the house act on what happens by it, as if it came live",
       "laisser la maison agir sur ce qui en découle, comme si c'était en direct");
  command.option("--event", import->wishes.event, "what happened, when no column says",
         "ce qui s'est passé, si aucune colonne ne le dit");
  command.option("--type", import->wishes.type,
         "what each line is: track, identify, contact; unsubscribe, bounce, complaint",
         "ce qu'est chaque ligne : track, identify, contact ; unsubscribe, bounce, complaint");
  command.option("--purpose", import->wishes.purpose, "of their yes or no; else contact:email",
         "de leur oui ou non ; sinon contact:email");
  command.option("--waive", import->waive, "a list of noes that there is not: unsubscribes, bounces, complaints",
         "une liste de refus qui n'existe pas : unsubscribes, bounces, complaints");
  command.option("--by", import->by, "who waives it", "qui la lève");
  command.option("--because", import->because, "why", "pourquoi");
  command.option("--columns", import->columns, "NAME=COLUMN: userId, email, phone, card, timestamp, event… or "
         "a property", "NOM=COLONNE : userId, email, phone, card, timestamp, event… ou une propriété")
      .once_each();
  command.option("--text", import->wishes.text, "a column to take as text", "une colonne à prendre en texte")
      .once_each();
  command.option("--dates", import->dates, "dmy or mdy, where dates read both ways",
         "dmy ou mdy, si les dates se lisent des deux façons")
      .among({"dmy", "mdy"});
  command.option("--decimal", import->decimal, "comma or point, where numbers read both ways",
         "comma ou point, si les nombres se lisent des deux façons")
      .among({"comma", "point"});
  command.option("--encoding", import->wishes.encoding, "such as UTF-8, WINDOWS-1252, CP850",
         "comme UTF-8, WINDOWS-1252, CP850");
  command.option("--separator", import->separator, "between cells; tab is tab", "entre cellules ; tab : tab");
  command.option("--zone", import->wishes.zone, "of times that name none; else the house's",
         "des heures sans fuseau ; sinon celui de la maison");
  command.option("--at", import->wishes.at, "the time of every line, when none is in the file",
         "l'instant de chaque ligne, si le fichier n'en dit rien");
  command.run([import](const Globals& globals) {
    const auto done = import_all(globals, *import);
    return done ? *done : report(done.error());
  });
}

}  // namespace hospes::server
