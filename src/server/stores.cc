#include "server/stores.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace hospes::server {
namespace {

namespace fs = std::filesystem;

constexpr std::array rows = std::to_array<StoreRow>({
    {"log", false, true, "what happened and was not stored yet, sealed person by person",
     "ce qui est arrivé et n'est pas encore rangé, scellé personne par personne",
     "key at once; overwritten within erasure.scrub_h",
     "clé aussitôt ; réécrit sous erasure.scrub_h"},
    {"store", false, true, "timelines, answers, effects, journeys, requests, sealed person by person",
     "chronologies, réponses, effets, parcours, demandes, scellés personne par personne",
     "key and rows at once; files written anew within erasure.scrub_h",
     "clé et lignes aussitôt ; fichiers réécrits sous erasure.scrub_h"},
    {"receipts", false, true, "answers, rights and looks as leaves, sealed person by person",
     "réponses, droits et regards en feuilles, scellés personne par personne",
     "key at once; overwritten within erasure.scrub_h; the leaf's hash stays and names nobody",
     "clé aussitôt ; réécrit sous erasure.scrub_h ; l'empreinte reste et ne nomme personne"},
    {"mail", false, false, "addresses that take no mail, as keyed hashes",
     "adresses qui ne prennent plus de courrier, en empreintes à clé",
     "stays: it enforces the stop", "reste : c'est ce qui fait tenir le refus"},
    {"letters", false, true, "malformed events that their people permitted, sealed person by person",
     "événements malformés que leurs gens permettaient, scellés personne par personne",
     "key at once, and each letter that names them; their file after its days",
     "clé aussitôt, et chaque lettre qui les nomme ; leur fichier au bout de ses jours"},
    {"lake", false, true, "a copy for analysis, derived and disposable",
     "une copie pour l'analyse, dérivée et jetable", "written anew within erasure.scrub_h",
     "réécrit sous erasure.scrub_h"},
    {"evidence", false, true, "what the law asks to keep of who was erased: that it was asked and done, what they had answered",
     "ce que la loi demande de garder d'un effacé : que ce fut demandé et fait, ce qu'il avait répondu",
     "stays until its day, under a key of its own, and names nobody", "reste jusqu'à son jour, sous une clé à part, et ne nomme personne"},
    {"erasure", false, false, "up to when erasures are in no file any more",
     "jusqu'à quand les effacements ne sont plus dans aucun fichier", "holds nobody",
     "ne tient personne"},
    {"console", false, false, "the staff token, accounts, approvals, sessions, counts of days, types of properties as keyed hashes",
     "le jeton, les comptes, les accords, les sessions, les décomptes par jour, les types des propriétés en empreintes à clé", "holds nobody",
     "ne tient personne"},
    {"tee", false, false, "how far the old pipelines were told", "jusqu'où les anciens outils ont été servis", "holds nobody",
     "ne tient personne"},
    {"lock", false, false, "who runs on the folder", "qui tourne sur le dossier", "holds nobody",
     "ne tient personne"},
    {"identifiers", false, false, "the rules of the kinds of identifier", "les règles des genres d'identifiants",
     "holds nobody", "ne tient personne"},
    {"keys", true, true, "one key an identifier, and the identifier under it",
     "une clé par identifiant, et l'identifiant sous elle", "at once", "aussitôt"},
    {"receipts", true, false, "the key that signs", "la clé qui signe", "holds nobody",
     "ne tient personne"},
    {"evidence", true, false, "the keys of what must be kept, by the day on which it ends",
     "les clés de ce qui doit être gardé, par jour de fin", "each destroyed on its day", "chacune détruite à son jour"},
    {"lock", true, false, "who runs on the folder", "qui tourne sur le dossier", "holds nobody",
     "ne tient personne"},
});

/// What is of the disk and not of the house.
bool is_foreign(std::string_view name) {
  return name == "lost+found" || name == ".hospes-doctor" || name == "MANIFEST";
}

Status check_folder(const fs::path& folder, bool beside_keys) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool known = is_foreign(name) || std::ranges::any_of(rows, [&](const StoreRow& row) {
                         return row.beside_keys == beside_keys && row.name == name;
                       });
    if (known) continue;
    return fail(
        Code::conflict,
        fmt::format(
            "{} is in no store that this house knows, so no erasure would reach it: move it out of "
            "{}, or run the hospes that made it",
            at->path().string(), folder.string()
        )
    );
  }
  return {};
}

}  // namespace

std::span<const StoreRow> stores() { return rows; }

Status check_stores(const std::string& data_folder, const std::string& keys_folder) {
  TRY(check_folder(data_folder, false));
  return check_folder(keys_folder, true);
}

}  // namespace hospes::server
