// The connections of one destination, by libcurl, which no other file knows. A request is opened
// without its content: libcurl is paused before the body until somebody brings a Sendable.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "activate/address.h"
#include "activate/flights.h"
#include "outbox/sendable.h"

namespace hospes::activate {

struct Request {
  std::vector<std::string> headers;  // `Name: value`; none of mail
  std::size_t content_bytes = 0;
  std::string sender, recipient;     // of mail: the envelope
};

struct Reply {
  int status = 0;       // 0: none came. Of mail: the last answer, 250 when the message was taken
  bool began = false;   // content may have left
  bool whole = false;   // all of it, with what ends it
  std::string enhanced;  // of mail: `5.1.1` (RFC 3463), when the relay said one
  bool stopped = false;  // by a no, at the last look before the first content byte
  bool held = false;    // refused by whoever was asked for a permit: see Wire::refuse
  std::optional<std::chrono::seconds> retry_after;
  std::string error;  // empty: none
};

/// How a relay is spoken to.
struct SmtpOptions {
  std::string user, password;  // empty: without AUTH
  std::string hello;           // our name in EHLO
  bool tls = true;             // no STARTTLS, no mail
  std::string ca_file = {};    // who certifies the relay; empty: whom the machine trusts
};

struct WireOptions {
  std::string url;
  std::optional<SmtpOptions> smtp = std::nullopt;  // set: the URL is smtp:// or smtps://
  unsigned connections = 8;
  std::chrono::milliseconds timeout{15'000};
  std::chrono::milliseconds connect_timeout{5'000};
  Resolver resolver = resolve;
};

/// One thread at a time, but for wake().
class Wire {
 public:
  /// `number` names a request: chosen by the caller, not in use.
  using Number = std::uint64_t;

  static Result<std::unique_ptr<Wire>> open(WireOptions options, const Allowed& allowed);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// Resolves anew, when it is time, and pins. not unavailable: no address, or one that may not be
  /// reached. Blocks like the resolver.
  Status aim(std::chrono::steady_clock::time_point now);

  bool full() const;
  /// Precondition: not full.
  void open_request(Number number, const Request& request);
  /// Connected, and waiting for content since the last call.
  std::vector<Number> asking();
  void bring(Number number, outbox::Sendable sendable, std::shared_ptr<Flight> flight);
  /// Ends it before any content.
  void refuse(Number number);

  struct Done {
    Number number = 0;
    Reply reply;
    std::shared_ptr<Flight> flight;
  };
  /// Moves what can move; what ended since.
  std::vector<Done> run();
  /// Until something can move, wake() or the time.
  void wait(std::chrono::milliseconds most);
  void wake();

 private:
  struct Impl;
  explicit Wire(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hospes::activate
