// The guest book: the pages where a customer sees, permits, takes and takes back, on the public
// listener. Drawn on the server, usable without JavaScript, in French and English.
// docs/guest_book.md.
#pragma once

#include <memory>
#include <string_view>

#include "guest/acts.h"
#include "guest/link_by_mail.h"
#include "guest/mail_loads.h"
#include "guest/sessions.h"
#include "http/responder.h"

namespace hospes::portal {
class Queue;
}

namespace hospes::guest {

struct BookOptions {
  bool tls = false;  // a proxy ends it before us
};

class Book {
 public:
  Book(BookOptions options, Doors doors);
  /// As close().
  ~Book();
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;

  /// /guest and what lies below, and the links of mail.
  static bool serves(std::string_view path);
  /// Never blocks: the answer comes from a thread of the book's own. 503 when too many wait.
  void handle(http::Request request, http::Responder responder);

  /// A link that lets somebody in as `login`, good once. `via`: who gave it.
  portal::GuestLink new_link(const Atom& login, std::string_view via);

  /// Answers what waits and takes nothing more. Idempotent.
  void close();

 private:
  static constexpr std::size_t waiting_max = 64;
  static constexpr unsigned threads = 2;

  const BookOptions options_;
  Doors doors_;
  Sessions sessions_;
  LinkByMail by_mail_;
  MailLoads loads_;
  std::unique_ptr<portal::Queue> queue_;
};

}  // namespace hospes::guest
