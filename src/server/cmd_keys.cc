// hospes keys: what of the key folder never comes again. The signing key of a running house is changed; the master key
// and the signing key are copied out, sealed, and put back where they were lost.
//
//   export = "hospes key export 1\n" base64(salt[16]) "\n" base64(sealed(stretched(words, salt); file*)) "\n"
//   file   = path size:u32 bytes                       seal/envelope.h; path and bytes with their sizes (base/bytes.h)
#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "base/bytes.h"
#include "base/json_text.h"
#include "digest/digest.h"
#include "disk/posix.h"
#include "seal/envelope.h"
#include "seal/key_file.h"
#include "seal/random.h"
#include "server/asking.h"
#include "server/command.h"
#include "server/folder_lock.h"
#include "server/settings.h"
#include "staff/stretch.h"

namespace hospes::server {
namespace {

struct Rotation {
  AskOptions house;
  bool master = false;
};

/// A missing master is never made here.
Status change_master(const Globals& globals) {
  const auto settings = TRY(settings_of(globals));
  const auto keys = TRY(disk::open_posix_disk(settings.keys_folder));
  TRY(disk::read_all(*keys, "keys/master.key", 4096));
  const auto lock = TRY(FolderLock::take(settings.keys_folder));
  return seal::change_master_key(*keys, {});
}

int rotate_master(const Globals& globals) {
  if (const Status done = change_master(globals); !done) return report(done.error());
  if (globals.json) fmt::print("{{\"master\":\"changed\"}}\n");
  else
    fmt::print(
        "{}\n", globals.say(
                    "A new master key seals the others; the old one is overwritten. Copies made with hospes keys export and "
                    "backups of the keys open with the old one: make them anew, then destroy those.",
                    "Une nouvelle clé maîtresse scelle les autres ; l'ancienne est écrasée. Les copies de hospes keys export et les "
                    "sauvegardes des clés s'ouvrent avec l'ancienne : refaites-les, puis détruisez celles-là."
                )
    );
  return exit_done;
}

int rotate(const Globals& globals, const Rotation& rotation) {
  if (rotation.master) return rotate_master(globals);
  const AskOptions& options = rotation.house;
  const auto house = find_house(globals, options);
  if (!house) return report(house.error());
  const auto body = ask(*house, "POST", "/v1/audit/rotate");
  if (!body) return report(body.error());
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  fmt::print(
      "{} {}\n", (*answer)["keys"].items().size(),
      globals.say(
          "keys so far; the newest signs from now on, and old receipts still hold. Back the keys up.",
          "clés à ce jour ; la plus récente signe désormais, et les anciens reçus restent valables. "
          "Sauvegardez les clés."
      )
  );
  return exit_done;
}

namespace fs = std::filesystem;

constexpr std::string_view heading = "hospes key export 1\n";
constexpr std::array<std::string_view, 2> copied = {"keys/master.key", "receipts/signing.key"};
constexpr std::uint64_t file_bytes_max = 65'536;
constexpr std::size_t words_bytes_min = 12;

struct Copy {
  std::string file, words;
};

Result<std::string> read_path(const std::string& path) {
  const fs::path at = fs::absolute(path);
  const auto disk = TRY(disk::open_posix_disk(at.parent_path().string()));
  return disk::read_all(*disk, at.filename().string(), file_bytes_max);
}

/// The first line of the file, stretched.
Result<seal::Key> key_from(const std::string& path, std::string_view salt) {
  const std::string text = TRY(read_path(path));
  const std::string_view words = std::string_view(text).substr(0, text.find('\n'));
  if (words.size() < words_bytes_min)
    return fail(Code::invalid_input, path + ": its first line is the pass-phrase, of at least 12 letters");
  const auto bytes = staff::stretched(words, salt);
  if (!bytes) return fail(Code::unavailable, "scrypt had no 32 MB");
  seal::Key key;
  std::copy(bytes->begin(), bytes->end(), key.bytes.begin());
  return key;
}

Result<std::size_t> export_keys(const Globals& globals, const Copy& copy) {
  const auto settings = TRY(settings_of(globals));
  const auto keys = TRY(disk::open_posix_disk(settings.keys_folder));
  std::string plain;
  for (const std::string_view path : copied) {
    const std::string bytes = TRY(disk::read_all(*keys, std::string(path), file_bytes_max));
    Writer w(plain);
    for (const std::string_view part : {path, std::string_view(bytes)}) {
      w.u32(static_cast<std::uint32_t>(part.size()));
      w.raw(part);
    }
  }
  std::string salt(16, '\0');
  seal::random_bytes(reinterpret_cast<unsigned char*>(salt.data()), salt.size());
  const seal::Key key = TRY(key_from(copy.words, salt));
  std::string sealed;
  seal::seal(key, heading, plain, sealed);
  const fs::path to = fs::absolute(copy.file);
  std::error_code error;
  if (fs::exists(to, error)) return fail(Code::conflict, copy.file + " is there already: name a new file");
  const auto disk = TRY(disk::open_posix_disk(to.parent_path().string()));
  TRY(disk::replace(
      *disk, "", to.filename().string(), std::string(heading) + base64(salt) + "\n" + base64(sealed) + "\n"
  ));
  return copied.size();
}

/// What is there is left as it is: a key that differs is told, and nothing is written.
Result<std::size_t> import_keys(const Globals& globals, const Copy& copy) {
  const auto settings = TRY(settings_of(globals));
  const std::string text = TRY(read_path(copy.file));
  std::string_view rest = text;
  if (!rest.starts_with(heading)) return fail(Code::invalid_input, copy.file + " is no export of hospes keys");
  rest.remove_prefix(heading.size());
  const auto line = rest.find('\n');
  const auto salt = base64_read(rest.substr(0, line));
  const auto sealed = line == rest.npos ? std::nullopt : base64_read(rest.substr(line + 1, rest.find('\n', line + 1) - line - 1));
  if (!salt || !sealed) return fail(Code::corrupt, copy.file + " is damaged");
  const seal::Key key = TRY(key_from(copy.words, *salt));
  const auto plain = seal::open(key, heading, *sealed);
  if (!plain) return fail(Code::invalid_input, "this pass-phrase does not open " + copy.file + ", or it was changed");
  const auto keys = TRY(disk::open_posix_disk(settings.keys_folder));
  Reader r(*plain);
  std::vector<std::pair<std::string, std::string>> missing;
  for (std::size_t i = 0; i < copied.size(); ++i) {
    const std::string path(r.raw(r.u32()));
    const std::string bytes(r.raw(r.u32()));
    if (!r.ok() || path != copied[i]) return fail(Code::corrupt, copy.file + " is damaged");
    auto there = disk::read_all(*keys, path, file_bytes_max);
    if (!there && there.error().code != Code::not_found) return std::unexpected(there.error());
    if (!there) missing.emplace_back(path, bytes);
    else if (*there != bytes)
      return fail(Code::conflict, settings.keys_folder + "/" + path + " is there, and is another key: nothing was written");
  }
  for (const auto& [path, bytes] : missing) {
    const auto slash = path.find('/');
    TRY(keys->make_folder(path.substr(0, slash)));
    TRY(disk::replace(*keys, path.substr(0, slash), path.substr(slash + 1), bytes));
  }
  return missing.size();
}

int exported(const Globals& globals, const Copy& copy) {
  const auto done = export_keys(globals, copy);
  if (!done) return report(done.error());
  if (globals.json) fmt::print("{{\"file\":{},\"keys\":{}}}\n", json_text(copy.file), *done);
  else
    fmt::print(
        fmt::runtime(globals.say(
            "{} keys, sealed, in {}. Keep it and the pass-phrase apart; the key folder's backup stays needed: hospes backup\n",
            "{} clés, scellées, dans {}. Gardez-le loin de la phrase ; la sauvegarde du dossier des clés reste nécessaire : hospes backup\n"
        )),
        *done, copy.file
    );
  return exit_done;
}

int imported(const Globals& globals, const Copy& copy) {
  const auto done = import_keys(globals, copy);
  if (!done) return report(done.error());
  if (globals.json) fmt::print("{{\"restored\":{}}}\n", *done);
  else
    fmt::print(
        fmt::runtime(globals.say(
            "{} keys put back; those that were there are the same\n", "{} clés remises ; celles qui étaient là sont les mêmes\n"
        )),
        *done
    );
  return exit_done;
}

}  // namespace

void add_keys(Command hospes) {
  const Command keys = hospes.command({"keys", "The house's own keys: the one that signs receipts, the master key.", "Les clés de la maison : celle qui signe les reçus, la clé maîtresse.",
       "hospes keys rotate\n"
       "hospes keys export --to /mnt/safe/keys.txt --words words.txt\n"
       "The keys that seal people's data are others: hospes backup --help",
       "hospes keys rotate\n"
       "hospes keys export --to /mnt/coffre/cles.txt --words mots.txt\n"
       "Les clés qui scellent les données sont d'autres : hospes backup --help"}
  );
  keys.needs_command();
  const auto options = std::make_shared<Rotation>();
  const Command command = keys.command({"rotate",
       "A new key signs a running house's receipts from now on; the one before introduces it, so old "
       "receipts still hold.",
       "Une nouvelle clé signe désormais les reçus d'une maison en marche ; l'ancienne la présente, "
       "et les anciens reçus restent valables.",
       "hospes keys rotate\n"
       "Once a year, and whenever somebody may have seen the key folder. Back the keys up afterwards.\n"
       "hospes keys rotate --master     # of a stopped house: the key that seals all others",
       "hospes keys rotate\n"
       "Une fois l'an, et dès que quelqu'un a pu voir le dossier des clés. Sauvegardez-les ensuite.\n"
       "hospes keys rotate --master     # d'une maison arrêtée : la clé qui scelle toutes les autres"}
  );
  command.flag("--master", options->master, "the master key, of a stopped house", "la clé maîtresse, d'une maison arrêtée");
  add_ask_options(command, options->house);
  command.run(options, rotate);

  const auto out = std::make_shared<Copy>();
  const Command copy_out = keys.command({"export",
       "Copies the master key and the signing key into one file, sealed with a pass-phrase.",
       "Copie la clé maîtresse et la clé qui signe dans un fichier, scellé par une phrase.",
       "hospes keys export --to /mnt/safe/keys.txt --words words.txt\n"
       "Without the master key nothing of the house can be read, and no new one is ever made in its place. The keys of\n"
       "people are not in it: they come and go, and are in hospes backup --keys-to.",
       "hospes keys export --to /mnt/coffre/cles.txt --words mots.txt\n"
       "Sans la clé maîtresse rien de la maison n'est lisible, et aucune autre n'est jamais faite à sa place. Les clés des\n"
       "personnes n'y sont pas : elles viennent et partent, et sont dans hospes backup --keys-to."});
  copy_out.option("--to", out->file, "a new file", "un nouveau fichier").required();
  copy_out.option("--words", out->words, "a file whose first line is the pass-phrase", "un fichier dont la première ligne est la phrase").required();
  copy_out.run(out, exported);

  const auto in = std::make_shared<Copy>();
  const Command copy_in = keys.command({"import", "Puts back what was lost of the master key and the signing key. What is there is never overwritten.",
       "Remet ce qui fut perdu de la clé maîtresse et de la clé qui signe. Ce qui est là n'est jamais remplacé.",
       "hospes keys import --from /mnt/safe/keys.txt --words words.txt", "hospes keys import --from /mnt/coffre/cles.txt --words mots.txt"});
  copy_in.option("--from", in->file, "what export wrote", "ce que export a écrit").required();
  copy_in.option("--words", in->words, "a file whose first line is the pass-phrase", "un fichier dont la première ligne est la phrase").required();
  copy_in.run(in, imported);
}

}  // namespace hospes::server
