// The verdicts of the parser, one row each: the code is part of the wire contract and never
// changes.
#pragma once

#include "collect/parse.h"

namespace hospes::collect {

inline constexpr Reject wrong_type{
    "wrong_type",
    "a field has the wrong JSON type: ids, names and times are strings, properties, traits and "
    "context objects"};
inline constexpr Reject not_an_object{"not_an_object", "an item of the batch is not a JSON object"};
inline constexpr Reject unknown_type{
    "unknown_type", "type must be track, identify, page, screen, group, alias or consent"};
inline constexpr Reject no_event_name{
    "no_event_name", "a track call needs a non-empty string in event"};
inline constexpr Reject too_deep{"too_deep", "objects and arrays are nested more than 32 deep"};
inline constexpr Reject too_many{
    "too_many_properties", "more than 300 properties; send what is used"};
inline constexpr Reject name_too_long{
    "name_too_long", "an event or property name is longer than 256 bytes"};
inline constexpr Reject string_too_long{"string_too_long", "a string is longer than 8 kB"};
inline constexpr Reject id_too_long{
    "identifier_too_long", "an identifier is longer than 512 bytes"};
inline constexpr Reject message_id_too_long{
    "message_id_too_long", "messageId is longer than 256 bytes"};
inline constexpr Reject too_large{"event_too_large", "the event is larger than 128 kB"};
inline constexpr Reject nul{"nul_character", "a string holds the character U+0000"};

}  // namespace hospes::collect
