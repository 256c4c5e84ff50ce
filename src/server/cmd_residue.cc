// hospes residue: looks for words in everything a house keeps, through each store's own decoder
// with whatever keys are there, and byte by byte in every file in the forms a word may take.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/check.h"
#include "base/json_text.h"
#include "dead_letter/dig.h"
#include "digest/digest.h"
#include "disk/posix.h"
#include "evidence/evidence.h"
#include "flow/rows.h"
#include "lake/duck.h"
#include "log/dig.h"
#include "receipt/transparency_log.h"
#include "record/codec.h"
#include "seal/envelope.h"
#include "seal/key_file.h"
#include "server/command.h"
#include "server/folder_lock.h"
#include "server/settings.h"
#include "server/stores.h"
#include "store/rocks.h"

namespace hospes::server {
namespace {

namespace fs = std::filesystem;

struct Sought {
  std::vector<std::string> words, folders;
};

struct Tally {
  std::uint64_t read = 0;               // records, rows, leaves, identifiers; files
  std::set<std::string> found;          // words
};

/// What a record holds in the open once its key is there.
struct Plain {
  std::string& out;
  void text(std::string_view t) const { out.append(t).push_back('\n'); }
  void operator()(const record::Arrived& a) const {
    text(a.event.message_id);
    text(a.event.properties.packed());
  }
  void operator()(const record::Answered& a) const {
    for (const std::string* t : {&a.source, &a.notice_id, &a.notice_version, &a.notice_lang, &a.proof})
      text(*t);
  }
  void operator()(const record::Bundle& b) const {
    text(b.edges);
    for (const record::Moved& m : b.atoms) text(m.content);
  }
  void operator()(const record::Defined& d) const {
    for (const std::string* t : {&d.segments, &d.actions, &d.journeys, &d.decisions, &d.retention}) text(*t);
  }
  void operator()(const record::Performed& p) const { text(p.source); }
  void operator()(const record::Witnessed& w) const { text(w.content); }
  void operator()(const record::Requested& r) const { text(r.content); }
  void operator()(const record::Levelled& l) const { text(l.source); }
  void operator()(const record::Took& t) const { text(t.offer); }
  void operator()(const record::SoldOut& s) const { text(s.offer); }
  void operator()(const auto&) const {}
};

std::string utf16(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    out += '\0';
  }
  return out;
}

std::string url(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string cased(std::string text, bool upper) {
  for (char& c : text) c = static_cast<char>(upper ? std::toupper(c) : std::tolower(c));
  return text;
}

/// The word as it could lie in a file.
std::vector<std::string> forms_of(const std::string& word) {
  std::vector<std::string> out = {word, cased(word, false), cased(word, true), hex(word), cased(hex(word), true), url(word), utf16(word)};
  for (std::size_t shift = 0; shift < 3; ++shift) {  // the letters that are all its own
    const std::string whole = base64(std::string(shift, '\0') + word);
    constexpr std::size_t first[] = {0, 2, 3};
    const std::size_t end = (shift + word.size()) * 8 / 6;
    out.push_back(whole.substr(first[shift], end - first[shift]));
  }
  const std::string digest(view_of(sha256(word)));
  out.push_back(digest);
  out.push_back(hex(digest));
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

class Search {
 public:
  Search(const config::Settings& settings, const Sought& sought)
      : settings_(settings), sought_(sought) {
    for (const std::string& word : sought.words) forms_[word] = forms_of(word);
  }

  Status everything() {
    data_ = TRY(disk::open_posix_disk(settings_.data_folder));
    keys_disk_ = TRY(disk::open_posix_disk(settings_.keys_folder));
    keys_ = TRY(seal::open_key_file(*keys_disk_, {}));
    TRY(records());
    TRY(leaves());
    TRY(rows());
    TRY(letters());
    TRY(kept());
    TRY(lake());
    identifiers();
    for (const StoreRow& row : stores())
      check(!row.decoded || tallies_.contains(std::string(row.name) + ", decoded"), "every store of people has its decoder");
    for (const StoreRow& row : stores()) files(row);
    for (const std::string& folder : sought_.folders) files(folder, folder);
    return {};
  }

  const std::map<std::string, Tally>& tallies() const { return tallies_; }

 private:
  void look(Tally& tally, std::string_view plain) const {
    ++tally.read;
    for (const std::string& word : sought_.words)
      if (plain.find(word) != plain.npos) tally.found.insert(word);
  }

  Status records() {
    Tally& tally = tallies_["log, decoded"];
    for (const std::string& name : TRY(data_->list("log"))) {
      TRY(log::dig(*data_, "log/" + name, [&](std::string_view payload) {
        const auto record = record::decode(payload, names_, *keys_);
        if (!record) return;
        std::string plain;
        std::visit(Plain{plain}, record->body);
        look(tally, plain);
        if (const auto* a = std::get_if<record::Arrived>(&record->body)) {
          atoms_.insert(a->event.owner.id);
          for (const Atom& other : a->event.others) atoms_.insert(other.id);
        }
      }));
    }
    return {};
  }

  Status leaves() {
    Tally& tally = tallies_["receipts, decoded"];
    for (const std::string& name : TRY(data_->list("receipts"))) {
      TRY(log::dig(*data_, "receipts/" + name, [&](std::string_view payload) {
        look(tally, receipt::TransparencyLog::open_entry(payload, *keys_).value_or(std::string(payload)));
      }));
    }
    return {};
  }

  Status rows() {
    Tally& tally = tallies_["store, decoded"];
    const auto store = TRY(store::open_rocks(
        fs::path(settings_.data_folder) / "store",
        {.partitions = static_cast<unsigned>(settings_.store_partitions)}
    ));
    for (Partition p = 0; p < settings_.store_partitions; ++p) {
      TRY(store->scan(p, "", [&](std::string_view key, std::string_view value) {
        const auto atom = flow::sealed_by(key);
        if (!atom) {
          look(tally, value);
          return true;
        }
        atoms_.insert(*atom);
        const auto secret = keys_->key(*atom);
        const auto plain = secret ? seal::open(*secret, key, value) : Result<std::string>("");
        look(tally, plain ? *plain : std::string());
        return true;
      }));
    }
    return {};
  }

  Status letters() {
    Tally& tally = tallies_["letters, decoded"];
    std::error_code error;
    if (!fs::exists(fs::path(settings_.data_folder) / "letters", error)) return {};
    return dead_letter::dig(*data_, *keys_, "letters", [&](const dead_letter::Head& head, const dead_letter::Content* content) {
      std::string plain = head.source + '\n' + head.rule + '\n' + head.event;
      if (content != nullptr)
        for (const std::string* text : {&content->detail, &content->message_id, &content->context, &content->item})
          plain.append(1, '\n').append(*text);
      look(tally, plain);
    });
  }

  Status kept() {
    Tally& tally = tallies_["evidence, decoded"];
    return evidence::dig(*data_, *keys_disk_, [&](std::string_view plain) { look(tally, plain); });
  }

  /// Every Parquet file that lies there, whether the manifest names it or not.
  Status lake() {
    Tally& tally = tallies_["lake, decoded"];
    std::error_code error;
    std::unique_ptr<lake::Duck> duck;
    std::string columns = "SELECT count(*)";
    for (const std::string& word : sought_.words)
      columns += fmt::format(", count(*) FILTER (contains(rows::VARCHAR, {}))", lake::sql_text(word));
    for (fs::recursive_directory_iterator at(fs::path(settings_.data_folder) / "lake", error), end; !error && at != end; at.increment(error)) {
      if (at->path().extension() != ".parquet") continue;
      if (!duck) duck = TRY(lake::Duck::open({}));
      const std::string from = " FROM read_parquet(" + lake::sql_text(at->path().string()) + ") AS rows";
      const lake::Table counts = TRY(duck->read(columns + from, 1));
      const auto count = [&](std::size_t i) { return std::strtoull(counts.rows.at(0).at(i).value_or("0").c_str(), nullptr, 10); };
      tally.read += count(0);
      for (std::size_t i = 0; i < sought_.words.size(); ++i)
        if (count(i + 1) > 0) tally.found.insert(sought_.words[i]);
    }
    return {};
  }

  void identifiers() {
    Tally& tally = tallies_["keys, decoded"];
    for (const AtomId atom : atoms_)
      if (const auto who = keys_->reveal(atom)) look(tally, who->value);
  }

  void files(const StoreRow& row) {
    const fs::path folder = row.beside_keys ? settings_.keys_folder : settings_.data_folder;
    files(std::string(row.beside_keys ? "keys/" : "data/").append(row.name), folder / row.name);
  }

  void files(const std::string& name, const fs::path& place) {
    std::error_code error;
    if (!fs::exists(place, error)) return;
    Tally& tally = tallies_[name];
    if (fs::is_regular_file(place, error)) return scan(tally, place);
    for (fs::recursive_directory_iterator at(place, error), end; !error && at != end; at.increment(error))
      if (at->is_regular_file(error)) scan(tally, at->path());
  }

  void scan(Tally& tally, const fs::path& path) const {
    ++tally.read;
    std::ifstream in(path, std::ios::binary);
    constexpr std::size_t piece_bytes = 4 << 20;
    constexpr std::size_t overlap = 4096;  // longer than any form
    std::string held;
    while (in) {
      if (held.size() > overlap) held.erase(0, held.size() - overlap);
      const std::size_t before = held.size();
      held.resize(before + piece_bytes);
      in.read(held.data() + before, piece_bytes);
      held.resize(before + static_cast<std::size_t>(in.gcount()));
      if (std::ranges::all_of(held, [](char c) { return c == '\0'; })) continue;
      for (const auto& [word, forms] : forms_)
        for (const std::string& form : forms)
          if (held.find(form) != held.npos) tally.found.insert(word);
    }
  }

  const config::Settings& settings_;
  const Sought& sought_;
  Names names_;
  std::unique_ptr<disk::Disk> data_, keys_disk_;
  std::unique_ptr<seal::KeyStore> keys_;
  std::set<AtomId> atoms_;
  std::map<std::string, std::vector<std::string>> forms_;
  std::map<std::string, Tally> tallies_;
};

int tell(const Globals& globals, const Search& search) {
  bool clean = true;
  std::string rows;
  for (const auto& [name, tally] : search.tallies()) {
    clean = clean && tally.found.empty();
    std::string words;
    for (const std::string& word : tally.found)
      words += (words.empty() ? "" : ",") + std::string(json_text(word));
    if (globals.json)
      rows += fmt::format(
          "{}{{\"store\":{},\"read\":{},\"found\":[{}]}}", rows.empty() ? "" : ",",
          json_text(name), tally.read, words
      );
    else
      fmt::print("{:<20} {:>9}  {}\n", name, tally.read, words.empty() ? "-" : words);
  }
  if (globals.json)
    fmt::print("{{\"clean\":{},\"stores\":[{}]}}\n", clean, rows);
  else
    fmt::print("{}\n", clean ? globals.say("nothing is found", "rien n'est trouvé") : globals.say("found", "trouvé"));
  return clean ? exit_done : exit_no;
}

int residue(const Globals& globals, const Sought& sought) {
  if (sought.words.empty()) return exit_usage;
  for (const std::string& word : sought.words)
    if (word.size() < 6)
      return report({Code::invalid_input, "a word of fewer than 6 bytes is found by chance: \"" + word + "\""});
  const auto settings = settings_of(globals);
  if (!settings) return report(settings.error());
  for (const std::string* folder : {&settings->data_folder, &settings->keys_folder})
    if (!fs::exists(*folder)) return report({Code::not_found, *folder + " is no folder of a house"});
  const auto data_lock = FolderLock::take(settings->data_folder);
  if (!data_lock) return report(data_lock.error());
  const auto keys_lock = FolderLock::take(settings->keys_folder);
  if (!keys_lock) return report(keys_lock.error());
  if (const Status known = check_stores(settings->data_folder, settings->keys_folder); !known)
    return report(known.error());
  Search search(*settings, sought);
  if (const Status done = search.everything(); !done) return report(done.error());
  return tell(globals, search);
}

constexpr Help residue_help{
    "residue",
    "Looks for words in everything a stopped house keeps: through each store's own decoder with the "
    "keys that are there, and byte by byte in every file, in the forms a word may take. Exit 1 when "
    "one is found.",
    "Cherche des mots dans tout ce qu'une maison arrêtée garde : par le décodeur de chaque magasin avec "
    "les clés présentes, et octet par octet dans chaque fichier, sous les formes qu'un mot peut prendre. "
    "Sortie 1 si l'un est trouvé.",
    "hospes residue canary-3f9a2b canary@shop.example\n"
    "hospes residue canary-3f9a2b --in BACKUP --set keys.folder=OLD_KEYS   # with keys put back",
    "hospes residue canari-3f9a2b canari@shop.example\n"
    "hospes residue canari-3f9a2b --in SAUVEGARDE --set keys.folder=ANCIENNES_CLES   # clés remises"};

}  // namespace

void add_residue(Command hospes) {
  const auto sought = std::make_shared<Sought>();
  const Command command = hospes.command(residue_help);
  command.option("words", sought->words, "what to look for").required();
  command.option("--in", sought->folders, "a further folder to look into, byte by byte").once_each();
  command.run(sought, residue);
}

}  // namespace hospes::server
