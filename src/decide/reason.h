// Why a decision came out as it did: one closed list, read by programs (names) and by people.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hospes::decide {

/// Stored with exposures: values never change.
enum class Reason : std::uint8_t {
  shown,             // an offer that passed; never of a whole answer
  static_,           // the same for everybody
  targeting_match,   // chosen for this person
  split,             // by the variant of an experiment
  holdout,           // left alone on purpose
  capped,
  no_consent,
  fallback,          // nothing fits: the page's own default
  disabled,          // the flag is switched off
  not_current,       // before its first day, or after its last
  not_in_segment,
  other_variant,     // its experiment gave this person another one, or none
  sold_out,
  outranked,         // it would have fitted; others stand before it
};
inline constexpr std::size_t reasons = 14;

struct Words {
  std::string_view name, en, fr;
};

inline constexpr std::array<Words, reasons> reason_words = {{
    {"SHOWN", "shown", "montrée"},
    {"STATIC", "the same for everybody", "la même pour tout le monde"},
    {"TARGETING_MATCH", "chosen for this person", "choisie pour cette personne"},
    {"SPLIT", "by the variant of an experiment", "selon la variante d'une expérience"},
    {"HOLDOUT", "the person belongs to the control group", "la personne est du groupe témoin"},
    {"CAPPED", "shown to this person as often as the cap allows",
     "montrée à cette personne autant que le plafond le permet"},
    {"NO_CONSENT", "the person does not permit this purpose",
     "la personne ne permet pas cette finalité"},
    {"FALLBACK", "nothing fits: the page's own default", "rien ne convient : le défaut de la page"},
    {"DISABLED", "switched off", "désactivé"},
    {"NOT_CURRENT", "before its first day or after its last", "avant son premier jour ou après le dernier"},
    {"NOT_IN_SEGMENT", "the person is not in its segment", "la personne n'est pas dans son segment"},
    {"OTHER_VARIANT", "of another variant, or of no experiment", "d'une autre variante, ou hors expérience"},
    {"SOLD_OUT", "nothing is left of it", "il n'en reste plus"},
    {"OUTRANKED", "others stand before it", "d'autres passent avant"},
}};

constexpr const Words& words_of(Reason reason) {
  return reason_words[static_cast<std::size_t>(reason)];
}
constexpr std::string_view to_string(Reason reason) { return words_of(reason).name; }

}  // namespace hospes::decide
