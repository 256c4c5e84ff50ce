#include <array>

#include "config/settings.h"

namespace hospes::config {

std::span<const Key> keys() {
  using S = Settings;
  static const std::array table = {
      Key{"data",
          "folder",
          &S::data_folder,
          "Folder of the log, the state and the session file; made at the first start.",
          "Dossier du journal, de l'état et des sessions ; créé au premier démarrage.",
          0,
          0,
          {},
          true},
      Key{"keys",
          "folder",
          &S::keys_folder,
          "Folder of the keys that seal personal data; it must lie apart from the data folder and "
          "be backed up apart.",
          "Dossier des clés qui scellent les données personnelles ; à tenir et à sauvegarder à "
          "part des données.",
          0,
          0,
          {},
          true},
      Key{"house",
          "folder",
          &S::house_folder,
          "Folder of the house's definitions: house.toml (name, time zone, currency, languages, "
          "week start), "
          "purposes.toml, events.toml, sources.toml, actions.toml and segments (*.seg).",
          "Dossier des définitions de la maison : house.toml (nom, fuseau, monnaie, langues, début "
          "de semaine), "
          "purposes.toml, events.toml, sources.toml, actions.toml et segments (*.seg).",
          0,
          0,
          {},
          true},
      Key{"public", "listen", &S::public_listen,
          "Address and port where events arrive; port 0 takes a free one.",
          "Adresse et port où arrivent les événements ; le port 0 en prend un libre."},
      Key{"public", "behind_proxy", &S::public_behind_proxy,
          "Says that a proxy in front does TLS; needed to listen beyond loopback.",
          "Dit qu'un mandataire placé devant fait le TLS ; nécessaire pour écouter hors de la "
          "machine."},
      Key{"public", "url", &S::public_url,
          "Address at which the world reaches it, such as https://collect.example.com: the console's "
          "snippets bear it. Empty: http:// and the address it listens at.",
          "Adresse à laquelle le monde l'atteint, comme https://collect.example.com : les extraits "
          "de la console la portent. Vide : http:// et l'adresse d'écoute."},
      Key{"public", "threads", &S::public_threads, "Threads that answer events.",
          "Fils d'exécution qui répondent aux événements.", 1, 64},
      Key{"public", "connections_max", &S::public_connections_max,
          "Connections open at once; more wait until one closes.",
          "Connexions ouvertes à la fois ; les suivantes attendent qu'une se ferme.", 1, 100'000},
      Key{"public", "idle_timeout_ms", &S::public_idle_timeout_ms,
          "Milliseconds that a connection may rest between two requests.",
          "Millisecondes pendant lesquelles une connexion peut se taire entre deux requêtes.", 10,
          3'600'000},
      Key{"public", "header_timeout_ms", &S::public_header_timeout_ms,
          "Milliseconds from the first byte of a request to the last of its head; slower ones are "
          "cut off.",
          "Millisecondes du premier octet d'une requête au dernier de son en-tête ; au-delà, elle "
          "est coupée.",
          10, 600'000},
      Key{"public", "body_timeout_ms", &S::public_body_timeout_ms,
          "Milliseconds of grace for a request's body, on top of its bytes at 4 kB a second.",
          "Millisecondes de grâce pour le corps d'une requête, en plus de ses octets à 4 ko par "
          "seconde.",
          10, 600'000},
      Key{"console", "listen", &S::console_listen,
          "Address and port of the console: profiles, segments, metrics.",
          "Adresse et port de la console : profils, segments, mesures."},
      Key{"console", "behind_proxy", &S::console_behind_proxy,
          "Says that a proxy in front does TLS; needed to listen beyond loopback.",
          "Dit qu'un mandataire placé devant fait le TLS ; nécessaire pour écouter hors de la "
          "machine."},
      Key{"console", "hosts", &S::console_hosts,
          "Further host names by which browsers may reach the console, such as the proxy's; "
          "loopback names are always known.",
          "Autres noms d'hôte par lesquels un navigateur peut atteindre la console, par exemple "
          "celui du mandataire."},
      Key{"console", "live_clients_max", &S::console_live_clients_max,
          "Clients that may follow the live stream at once.",
          "Clients qui peuvent suivre le direct à la fois.", 1, 10'000},
      Key{"store", "partitions", &S::store_partitions,
          "Lanes into which people are spread; fixed when the house is made.",
          "Voies entre lesquelles les personnes sont réparties ; fixées à la création de la "
          "maison.",
          1, 4096},
      Key{"store", "cache_mb", &S::store_cache_mb, "Memory for state read back from disk, in MB.",
          "Mémoire pour l'état relu du disque, en Mo.", 1, 1'000'000},
      Key{"store", "write_buffer_mb", &S::store_write_buffer_mb,
          "Memory for state on its way to disk, all lanes together, in MB.",
          "Mémoire pour l'état en route vers le disque, toutes voies comprises, en Mo.", 8,
          100'000},
      Key{"store", "timelines_mb", &S::store_timelines_mb,
          "Memory for the events of people, in MB; those of others are read back from disk when "
          "they "
          "are needed.",
          "Mémoire pour les événements des personnes, en Mo ; ceux des autres sont relus du disque "
          "au besoin.",
          0, 1'000'000},
      Key{"store", "checkpoint_s", &S::store_checkpoint_s,
          "Seconds between two checkpoints of the state; a shorter time makes a restart after a "
          "crash faster.",
          "Secondes entre deux points de reprise ; plus court, un redémarrage après une panne est "
          "plus rapide.",
          1, 600},
      Key{"erasure", "scrub_h", &S::erasure_scrub_h,
          "Hours after an erasure within which log, receipts and store are written anew without it; 0 "
          "for at once.",
          "Heures après un effacement au bout desquelles journal, reçus et état sont réécrits sans lui ; "
          "0 pour aussitôt.",
          0, 168},
      Key{"lake", "every_s", &S::lake_every_s,
          "Seconds between two cuts of the lake, the events as Parquet files that `hospes sql` asks; 0: no lake.",
          "Secondes entre deux coupes du lac, les événements en fichiers Parquet que `hospes sql` interroge ; 0 : pas de lac.",
          0, 40},
      Key{"disk", "floor_mb", &S::disk_floor_mb,
          "Free space, in MB, below which the server reads but accepts nothing more.",
          "Place libre, en Mo, au-dessous de laquelle le serveur lit mais n'accepte plus rien.", 16,
          1'000'000},
      Key{"letters", "days", &S::letters_days,
          "Days that an event which was permitted and malformed is kept, sealed, to be repaired and sent again.",
          "Jours pendant lesquels un événement permis mais mal formé est gardé, scellé, pour être réparé et "
          "renvoyé.",
          1, 30},
      Key{"letters", "mb", &S::letters_mb,
          "Disk for them, in MB; one source may fill half of it, and what does not fit is only counted.",
          "Disque pour eux, en Mo ; une source peut en remplir la moitié, et ce qui n'y tient pas est "
          "seulement compté.",
          1, 100'000},
      Key{"act", "allow", &S::act_allow,
          "Networks of your own that effects may be sent to, such as 10.0.0.0/8; all else of them "
          "goes to public addresses only, by https.",
          "Réseaux à vous où des effets peuvent être envoyés, tels que 10.0.0.0/8 ; tout le reste "
          "va à des adresses publiques, en https."},
      Key{"log",
          "format",
          &S::log_format,
          "How the server's own messages are written: text or json.",
          "Forme des messages du serveur : text ou json.",
          0,
          0,
          {"text", "json"}},
      Key{"log",
          "level",
          &S::log_level,
          "The least serious message that is written.",
          "Le message le moins grave qui soit écrit.",
          0,
          0,
          {"debug", "info", "warn", "error"}},
  };
  return table;
}

}  // namespace hospes::config
