// Why an effect did not leave, or not yet: one closed list, read by programs (names) and by people
// (sentences, English and French).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hospes::outbox {

/// Stored: values never change.
enum class Reason : std::uint8_t {
  none,
  retired,      // the rule is no longer declared
  stale,        // it would come too late
  holdout,      // the person belongs to the control group
  unset,        // consent, and nobody said yes
  refused,
  withdrawn,
  objected,
  yes_ended,
  left,         // the person is no longer where the rule saw them
  nobody,       // the identifier belongs to several people now, or to none
  joining,      // two people are becoming one
  capped,
  quiet_hours,
  full,         // too many effects of one person wait
  retry,        // the destination could not take it
  rejected,     // the destination said no
  gave_up,      // tried as often as the schedule says
  off,          // the destination said it is gone
  crash,        // claimed, and the house stopped before it knew the outcome
  silence,      // the content left, and no answer came
  stopping,     // the house is closing
  undeclared,   // the destination is no longer declared
  asserted,     // only by what a public key said is the person where the rule saw them
  no_address,   // the person has no address of this channel
  suppressed,   // the address takes no mail of this house any more
  aborted,      // the message itself says that it is not for this person
  unrenderable, // the message could not be made
  level,        // how often the person wants to hear from the house
  house_capped, // the house's cap over all its actions and channels
  restricted,   // the person keeps everything from use, or is about to be forgotten
  debounced,    // so soon after another entry that it counts as that one
  circular,     // what was set set this off
  no_offer,     // nothing in that placement fits the person
  other_purpose,  // the offer serves another purpose than the journey
  complained,   // too many of those whom the destination wrote to complained
  paused,       // the journey that asked for it is paused
};
inline constexpr std::size_t reasons = 37;

struct Words {
  std::string_view name, en, fr;
};

inline constexpr std::array<Words, reasons> reason_words = {{
    {"none", "nothing stands in the way", "rien ne s'y oppose"},
    {"retired", "the rule is no longer declared", "la règle n'est plus déclarée"},
    {"stale", "it would have come too late", "il serait arrivé trop tard"},
    {"holdout", "the person belongs to the control group", "la personne est du groupe témoin"},
    {"unset", "the purpose needs a yes, and nobody said yes",
     "la finalité demande un oui, et personne n'a dit oui"},
    {"refused", "the person refused this purpose", "la personne a refusé cette finalité"},
    {"withdrawn", "the person withdrew their yes", "la personne a retiré son accord"},
    {"objected", "the person objected", "la personne s'est opposée"},
    {"yes_ended", "the yes had ended", "l'accord était arrivé à son terme"},
    {"left", "the person is no longer where the rule saw them",
     "la personne n'est plus là où la règle l'a vue"},
    {"nobody", "the identifier belongs to no single person any more",
     "l'identifiant n'appartient plus à une seule personne"},
    {"joining", "two people are becoming one", "deux personnes sont en train de n'en faire qu'une"},
    {"capped", "the day's cap for this person is reached",
     "le plafond du jour pour cette personne est atteint"},
    {"quiet_hours", "it is a quiet hour in the house", "c'est une heure calme dans la maison"},
    {"full", "too many effects of this person wait already",
     "trop d'effets attendent déjà pour cette personne"},
    {"retry", "the destination could not take it yet", "la destination n'a pas pu le prendre"},
    {"rejected", "the destination said no", "la destination a dit non"},
    {"gave_up", "tried as often as the schedule says", "essayé autant de fois que prévu"},
    {"off", "the destination said it is gone (410)", "la destination dit avoir disparu (410)"},
    {"crash", "the house stopped before it knew the outcome; not sent again",
     "la maison s'est arrêtée avant de connaître l'issue ; pas renvoyé"},
    {"silence", "the content left and no answer came; not sent again",
     "le contenu est parti, aucune réponse n'est venue ; pas renvoyé"},
    {"stopping", "the house is closing", "la maison ferme"},
    {"undeclared", "the destination is no longer declared", "la destination n'est plus déclarée"},
    {"asserted", "only a page's key says that this is the same person",
     "seule une clé de page dit que c'est la même personne"},
    {"no_address", "the person has no address of this channel",
     "la personne n'a pas d'adresse sur ce canal"},
    {"suppressed", "the address takes no mail of this house any more",
     "l'adresse ne prend plus de courrier de cette maison"},
    {"aborted", "the message says that it is not for this person",
     "le message dit qu'il n'est pas pour cette personne"},
    {"unrenderable", "the message could not be made for this person",
     "le message n'a pas pu être composé pour cette personne"},
    {"level", "the person asked to hear less from the house",
     "la personne a demandé à recevoir moins de messages de la maison"},
    {"house_capped", "the house's cap over all its messages to this person is reached",
     "le plafond de la maison, tous messages confondus, est atteint pour cette personne"},
    {"restricted", "the person keeps their data from every use, or is about to be forgotten",
     "la personne a gelé tout usage de ses données, ou va être oubliée"},
    {"debounced", "so soon after another entry that it counts as that one",
     "si tôt après une autre entrée que c'est la même"},
    {"circular", "what a journey set had set this off already",
     "c'est une valeur posée par un parcours qui l'a déclenché"},
    {"no_offer", "no offer of that placement fits the person",
     "aucune offre de cet emplacement ne convient à la personne"},
    {"other_purpose", "the offer serves another purpose than the journey",
     "l'offre sert une autre finalité que le parcours"},
    {"complained", "too many who were written to complained: this sender's marketing mail is held until somebody reopens it",
     "trop de destinataires se sont plaints : le courrier marketing de cet expéditeur attend qu'on le rouvre"},
    {"paused", "its journey is paused", "son parcours est en pause"},
}};

constexpr const Words& words_of(Reason reason) {
  return reason_words[static_cast<std::size_t>(reason)];
}
constexpr std::string_view to_string(Reason reason) { return words_of(reason).name; }

}  // namespace hospes::outbox
