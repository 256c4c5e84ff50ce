// hospes backup, restore, digest: cold copies of a house, and the proof that one is like another.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/json_text.h"
#include "clock/clock.h"
#include "node/node.h"
#include "seal/key_file.h"
#include "server/backup.h"
#include "server/commands.h"
#include "server/erased.h"
#include "server/command.h"
#include "server/runtime.h"
#include "server/settings.h"

namespace hospes::server {
namespace {

struct Places {
  std::string from, keys_from, to, keys_to, data, keys;
  std::vector<std::string> erased;
};

void tell(
    const Globals& globals, std::string_view what, const BackupSize& size, const std::string& where
) {
  if (globals.json) {
    fmt::print(
        "{{\"{}\":{{\"folder\":{},\"files\":{},\"bytes\":{}}}}}\n", what, json_text(where),
        size.files, size.bytes
    );
    return;
  }
  fmt::print(
      fmt::runtime(globals.say(
          "{}: {} files, {:.1f} MB, each read back and compared: {}\n",
          "{} : {} fichiers, {:.1f} Mo, relus et comparés un à un : {}\n"
      )),
      what, size.files, static_cast<double>(size.bytes) / 1e6, where
  );
}

int backup_house(const Globals& globals, const Places& places) {
  const auto settings = settings_of(globals);
  if (!settings) return report(settings.error());
  if (!places.keys_to.empty()) {
    if (const Status apart = seal::apart(places.keys_to, places.to); !apart)
      return report(apart.error());
  }
  SystemClock clock;
  const auto data = back_up(settings->data_folder, places.to, BackupOf::data, clock.now());
  if (!data) return report(data.error());
  tell(globals, "data", *data, places.to);
  if (places.keys_to.empty()) {
    fmt::print(
        stderr, "{}\n",
        globals.say(
            "note: the keys are not in it, and without them nothing in it can be read. Back them "
            "up apart: --keys-to FOLDER",
            "note : les clés n'y sont pas, et sans elles rien n'y est lisible. Sauvegardez-les à "
            "part : --keys-to DOSSIER"
        )
    );
    return exit_done;
  }
  const auto keys = back_up(settings->keys_folder, places.keys_to, BackupOf::keys, clock.now());
  if (!keys) return report(keys.error());
  tell(globals, "keys", *keys, places.keys_to);
  return exit_done;
}

/// Before anything of the data is there: whom a newer copy of the house knows to be erased.
int heed_erasures(const Globals& globals, const Places& places) {
  if (places.erased.empty()) {
    fmt::print(
        stderr, "{}\n",
        globals.say(
            "note: whoever was erased since comes back with these keys. Name a newer data folder or "
            "data backup of the house with --erased FOLDER, and they do not",
            "note : qui fut effacé depuis revient avec ces clés. Nommez un dossier de données ou une "
            "sauvegarde plus récents de la maison avec --erased DOSSIER, et ce n'est plus le cas"
        )
    );
    return exit_done;
  }
  std::size_t known = 0, destroyed = 0;
  for (const std::string& folder : places.erased) {
    const auto erased = erased_in(folder);
    if (!erased) return report(erased.error());
    const auto gone = destroy_keys(places.keys, *erased);
    if (!gone) return report(gone.error());
    known += erased->size();
    destroyed += *gone;
  }
  if (globals.json)
    fmt::print("{{\"erased\":{{\"known\":{},\"destroyed\":{}}}}}\n", known, destroyed);
  else
    fmt::print(
        fmt::runtime(globals.say(
            "erased: {} known, {} of them were in the backup and are not restored\n",
            "effacés : {} connus, dont {} étaient dans la sauvegarde et ne sont pas restaurés\n"
        )),
        known, destroyed
    );
  return exit_done;
}

int restore_house(const Globals& globals, const Places& places) {
  if (places.keys_from.empty() != places.keys.empty()) {
    return report({Code::invalid_input, "--keys-from and --keys go together"});
  }
  if (!places.keys.empty()) {
    if (const Status apart = seal::apart(places.keys, places.data); !apart)
      return report(apart.error());
    const auto keys = restore(places.keys_from, places.keys, BackupOf::keys);
    if (!keys) return report(keys.error());
    tell(globals, "keys", *keys, places.keys);
    if (const int refused = heed_erasures(globals, places); refused != exit_done) return refused;
  }
  const auto data = restore(places.from, places.data, BackupOf::data);
  if (!data) return report(data.error());
  tell(globals, "data", *data, places.data);
  return exit_done;
}

int print_digest(const Globals& globals) {
  auto settings = settings_of(globals);
  if (!settings) return report(settings.error());
  settings->log_level = "error";
  auto opened = Runtime::open(*settings, {.listen = false});
  if (!opened) return report(opened.error());
  Runtime& house = **opened;
  const std::string digest = to_hex(house.node().digest());
  std::atomic<std::uint64_t> people{0};
  house.node().ask_all([&](const flow::PartitionState& s) {
    people += static_cast<std::uint64_t>(std::ranges::count_if(s.dense, [](const auto& person) {
      return person.component != nullptr;
    }));
  });
  house.stop();
  if (globals.json) {
    fmt::print("{{\"digest\":\"{}\",\"people\":{}}}\n", digest, people.load());
  } else {
    fmt::print("{}  {} {}\n", digest, people.load(), globals.say("people", "personnes"));
  }
  return exit_done;
}

}  // namespace

void add_backup(Command hospes) {
  const auto places = std::make_shared<Places>();
  const Command backup = hospes.command({"backup", "Copies a stopped house into a folder, reads every byte back and compares.",
       "Copie une maison arrêtée dans un dossier, relit chaque octet et compare.",
       "hospes backup --to /mnt/backup/monday --keys-to /mnt/safe/monday\n"
       "The data hold no key: keep the two apart, and the keys' backups short, or what was erased\n"
       "comes back with them. A running house is refused: stop it first.",
       "hospes backup --to /mnt/sauvegarde/lundi --keys-to /mnt/coffre/lundi\n"
       "Les données ne contiennent aucune clé : gardez les deux à part, et les clés peu de temps.\n"
       "Une maison en marche est refusée : arrêtez-la d'abord."}
  );
  backup.option("--to", places->to, "a new or empty folder for the data").required();
  backup.option("--keys-to", places->keys_to, "a new or empty folder, apart, for the keys");
  backup.run(places, backup_house);

  const Command back = hospes.command({"restore", "Makes a house from a backup: whole and as the manifest says, or not at all.",
       "Refait une maison depuis une sauvegarde : entière et conforme, ou pas du tout.",
       "hospes restore --from /mnt/backup/monday --data data --keys-from /mnt/safe/monday --keys "
       "keys --erased /mnt/backup/friday\n"
       "then: hospes digest   (equal to the digest before the backup)",
       "hospes restore --from /mnt/sauvegarde/lundi --data data --keys-from /mnt/coffre/lundi "
       "--keys keys --erased /mnt/sauvegarde/vendredi\n"
       "puis : hospes digest   (égal à celui d'avant la sauvegarde)"}
  );
  back.option("--from", places->from, "the folder that backup wrote").required();
  back.option("--data", places->data, "a new or empty folder; [data] folder of the house")
      .required();
  back.option("--keys-from", places->keys_from, "the folder of the keys' backup");
  back.option("--keys", places->keys, "a new or empty folder; [keys] folder of the house");
  back.option(
          "--erased", places->erased,
          "a newer data folder or data backup: whom it knows to be erased is not restored"
  )
      .once_each();
  back.run(places, restore_house);

  hospes.command({"digest", "One number for everything a stopped house knows about its people.",
       "Un nombre pour tout ce qu'une maison arrêtée sait de ses clients.",
       "hospes digest --json\n"
       "Two houses with the same digest hold the same people, events, answers and memberships.",
       "hospes digest --json\n"
       "Deux maisons de même empreinte ont les mêmes personnes, événements et appartenances."}
  )
      .run(print_digest);
}

}  // namespace hospes::server
