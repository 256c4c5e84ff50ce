// What the house does when somebody moves: rules in actions.toml, and where they send to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalog/purposes.h"

namespace hospes::catalog {

/// What a destination of kind "mail" needs beside its relay: docs/mail.md.
struct MailRoute {
  std::string user, password_file;  // of the relay; empty: none
  bool tls = true;                  // STARTTLS or nothing, where the URL is smtp://
  std::string ca_file;              // who certifies the relay; empty: whom the machine trusts
  std::string from;                 // `Name <local@domain>`
  std::string domain;               // d= of DKIM, and of Message-ID
  std::string bounces;              // local@domain of the return path; empty: from's address
  std::string public_url;           // https://…, where guests reach /u/
  /// Selector and key file, beside actions.toml.
  std::vector<std::pair<std::string, std::string>> dkim;
};

/// Where effects go: by HTTP, or by SMTP when `mail` is set. The URL is the house's own text; nobody
/// else's ever becomes one.
struct Destination {
  std::string name;
  std::string url;
  std::string secret_file;  // beside actions.toml: `whsec_…`, several lines while it is changed
  std::string mapping;      // mappings/NAME.liquid, what a webhook says; empty: as hospes has it
  std::string headers_file;  // beside actions.toml: `Name: value` lines, such as a key of its API
  Duration timeout = std::chrono::seconds(15);  // of one attempt
  std::uint32_t connections = 8;
  /// Pauses before the second, third, … attempt; the schedule of Standard Webhooks, less its tail.
  std::vector<Duration> retry = {
      std::chrono::seconds(5),  std::chrono::minutes(5), std::chrono::minutes(30),
      std::chrono::hours(2),    std::chrono::hours(5),   std::chrono::hours(10),
      std::chrono::hours(14)};
  std::optional<MailRoute> mail = std::nullopt;
  std::string channel;  // by which it reaches the person, such as "sms"; empty: not at all, or by mail
};

struct Action {
  std::string name;
  std::uint32_t version = 1;  // another version makes other effects; those that wait are given up
  bool on_enter = true;
  bool by_journey = false;  // `when = "journey"`: a step sends it; no segment
  std::string segment;
  std::string from;  // enters: only from this stage of its life cycle; empty: from anywhere
  PurposeBit purpose = 0;
  std::string destination;
  std::string message;  // of a mail destination: its name in messages/
  std::uint32_t cap_per_day = 1;
  /// Local times of day in µs since midnight, [first, second); over midnight when they fall.
  std::optional<std::pair<std::int64_t, std::int64_t>> quiet;
  std::uint32_t holdout = 0;  // of 10,000 people
  Duration valid_for = std::chrono::hours(48);
};

struct Actions {
  static constexpr std::size_t destinations_max = 64;
  static constexpr std::size_t actions_max = 1'000;

  std::vector<Destination> destinations;
  std::vector<Action> actions;
  /// Of what reaches one person, over all actions: by their calendar day, in seven of them, and in
  /// seven for who asked to hear less. 0: no cap.
  std::uint32_t contacts_per_day = 0, contacts_per_week = 0, contacts_less_per_week = 1;
  std::string text;  // of actions.toml, as it was read

  const Destination* destination(std::string_view name) const;
};

/// actions.toml alone, as it went into force. The same text gives equal actions.
Result<Actions> read_actions(std::string_view text, const Purposes& purposes);

}  // namespace hospes::catalog
