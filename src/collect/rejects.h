// The verdicts of the parser, one row each: the code is part of the wire contract and never
// changes.
#pragma once

#include "collect/parse.h"

namespace hospes::collect {

inline constexpr Reject wrong_type{
    "wrong_type",
    "a field has the wrong JSON type: ids, names and times are strings, properties, traits and "
    "context objects"};
inline constexpr Reject not_an_object{
    "not_an_object", "an item of the batch is not a JSON object; send one object per event"};
inline constexpr Reject unknown_type{
    "unknown_type", "type must be track, identify, page, screen, group, alias or consent"};
inline constexpr Reject no_event_name{
    "no_event_name", "a track call needs a non-empty string in event"};
inline constexpr Reject too_deep{
    "too_deep", "objects and arrays are nested more than 32 deep; flatten them"};
inline constexpr Reject too_many{
    "too_many_properties", "more than 300 properties; send what is used"};
inline constexpr Reject name_too_long{
    "name_too_long",
    "an event or property name is longer than 256 bytes; put what varies into values"};
inline constexpr Reject string_too_long{
    "string_too_long", "a string is longer than 8 kB; shorten it, or send where to find it"};
inline constexpr Reject id_too_long{
    "identifier_too_long",
    "an identifier is longer than 512 bytes; send a shorter one of your own"};
inline constexpr Reject message_id_too_long{
    "message_id_too_long", "messageId is longer than 256 bytes; a UUID is enough"};
inline constexpr Reject too_large{
    "event_too_large", "the event is larger than 128 kB; split it, or leave out what is not used"};
inline constexpr Reject nul{"nul_character", "a string holds the character U+0000; leave it out"};

// What the door adds to the parser's.
inline constexpr Reject no_identifier{
    "no_identifier",
    "no usable userId, anonymousId or e-mail (values like null, undefined or 0 name nobody); send "
    "one of them"};
inline constexpr Reject bad_time{
    "bad_time",
    "timestamp, originalTimestamp, sentAt, happened and until must be RFC 3339 times, such as "
    "2026-11-24T09:00:00Z"};
inline constexpr Reject too_early{
    "time_too_early",
    "the event happened before 1900 (with a public key: before 2000); correct its timestamp, or "
    "send "
    "old events with a server key"};
inline constexpr Reject names_full{
    "too_many_names", "the house knows 65,536 names already; put what varies into values"};
inline constexpr Reject not_catalogued{
    "not_catalogued",
    "the source is strict, and the catalogue does not know this; send what events.toml lists, or "
    "list it there"};
inline constexpr Reject property_type{
    "property_type",
    "the source is strict, and the catalogue lists this property with another type; send that type, "
    "or change events.toml"};
inline constexpr Reject server_key_needed{
    "server_key_needed",
    "a consent answer is taken with a server key only: a public key is known to everyone"};
inline constexpr Reject scope_needed{
    "scope_needed",
    "this server key may not record answers; use one whose scopes in sources.toml have consent"};
inline constexpr Reject unknown_purpose{
    "unknown_purpose",
    "purpose is not in the house's table of purposes; purposes.toml adds to the pack's"};
inline constexpr Reject retired_purpose{
    "retired_purpose",
    "the house has retired this purpose, so a yes to it means nothing any more; ask for another"};
inline constexpr Reject older_than_no{
    "older_than_no",
    "an answer against stands for this address; a yes out of a file is older than its import and "
    "revives nothing. Ask the person again"};
inline constexpr Reject unknown_state{
    "unknown_state", "state must be given, refused, withdrawn or objected"};

}  // namespace hospes::collect
