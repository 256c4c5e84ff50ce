#include "activate/wire.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>

#include "base/check.h"

namespace hospes::activate {
namespace {

using std::chrono::steady_clock;

constexpr auto aimed_for = std::chrono::seconds(30);  // then the name is resolved again
constexpr std::size_t answer_bytes_max = 65'536;      // read and dropped; beyond, we hang up
constexpr long idle_s_max = 10;  // a server may close its end at any time: a young one rarely has

std::once_flag curl_started;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

List list_of(const std::vector<std::string>& lines) {
  curl_slist* out = nullptr;
  for (const std::string& line : lines) out = curl_slist_append(out, line.c_str());
  return List(out);
}

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  std::string out;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK) out = text;
  curl_free(text);
  return out;
}

struct Send {
  CURL* easy = nullptr;
  List headers, pinned, recipients;
  std::uint64_t aim = 0;  // of the last one pinned
  const Allowed* allowed = nullptr;
  std::vector<Wire::Number>* asking = nullptr;
  Wire::Number number = 0;
  bool busy = false;
  bool asked = false, refused = false, stopped = false, forbidden = false;
  std::optional<outbox::Sendable> sendable;
  std::shared_ptr<Flight> flight;
  std::size_t sent = 0, got = 0;
  bool ended = false;    // the content was given whole
  std::string enhanced;  // of the last answer line

  /// Connected, nothing sent: is this who we checked?
  static int connected(void* self, char* address, char*, int, int) {
    Send& send = *static_cast<Send*>(self);
    const auto peer = parse_address(address);
    send.forbidden = !peer || !send.allowed->may_reach(*peer);
    return send.forbidden || send.refused ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
  }

  static std::size_t content(char* to, std::size_t size, std::size_t count, void* self) {
    Send& send = *static_cast<Send*>(self);
    if (send.refused) return CURL_READFUNC_ABORT;
    if (!send.sendable) {
      if (!std::exchange(send.asked, true)) send.asking->push_back(send.number);
      return CURL_READFUNC_PAUSE;
    }
    if (!send.flight->begin()) {
      send.stopped = true;
      return CURL_READFUNC_ABORT;
    }
    const std::string_view rest = send.sendable->content().substr(send.sent);
    const std::size_t bytes = std::min(rest.size(), size * count);
    std::memcpy(to, rest.data(), bytes);
    send.sent += bytes;
    send.ended = bytes == 0 || send.sent == send.sendable->content().size();
    return bytes;
  }

  /// `550 5.1.1 …`: only the code is kept, for the text may name the person.
  static std::size_t answer_line(char* line, std::size_t size, std::size_t count, void* self) {
    std::string_view text(line, size * count);
    // A good answer may follow a refusal: to QUIT.
    if (!text.starts_with('4') && !text.starts_with('5')) return size * count;
    text.remove_prefix(std::min<std::size_t>(text.size(), 4));
    const std::string_view code = text.substr(0, text.find_first_not_of("0123456789."));
    const bool enhanced = code.size() >= 5 && code.size() <= 9 && code[1] == '.' && code.find('.', 2) != code.npos;
    static_cast<Send*>(self)->enhanced = enhanced ? code : std::string_view();
    return size * count;
  }

  static std::size_t answer(char*, std::size_t size, std::size_t count, void* self) {
    Send& send = *static_cast<Send*>(self);
    send.got += size * count;
    return send.got > answer_bytes_max ? 0 : size * count;
  }
};

}  // namespace

struct Wire::Impl {
  WireOptions options;
  const Allowed* allowed = nullptr;
  CURLM* multi = nullptr;
  std::string scheme, host, port;
  std::vector<std::string> pin;  // for CURLOPT_RESOLVE
  steady_clock::time_point aimed;
  std::uint64_t aim = 0;  // counts them
  std::vector<std::unique_ptr<Send>> sends;
  std::map<Number, Send*> busy;
  std::vector<Number> asking;
  std::atomic<bool> woken{false};  // a wake-up is on its way: one is enough
  std::vector<curl_socket_t> sockets;

  ~Impl() {
    // libcurl says QUIT to every relay and waits for its answer, one after the other: a silent one must not keep a house
    // from stopping. What can no longer be read ends the wait; the QUIT still leaves.
    for (const curl_socket_t socket : sockets) ::shutdown(socket, SHUT_RD);
    for (const auto& send : sends) {
      if (send->busy) curl_multi_remove_handle(multi, send->easy);
      curl_easy_cleanup(send->easy);
    }
    if (multi != nullptr) curl_multi_cleanup(multi);
  }

  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) {
    const curl_socket_t made = ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    if (made != CURL_SOCKET_BAD) static_cast<Impl*>(self)->sockets.push_back(made);
    return made;
  }

  static int close_socket(void* self, curl_socket_t socket) {
    std::erase(static_cast<Impl*>(self)->sockets, socket);
    return ::close(socket);
  }

  void speak_http(CURL* e) const {
    curl_easy_setopt(e, CURLOPT_URL, options.url.c_str());
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(e, CURLOPT_POST, 1L);
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
  }

  void speak_smtp(Send& send) const {
    CURL* e = send.easy;
    const SmtpOptions& smtp = *options.smtp;
    curl_easy_setopt(e, CURLOPT_URL, (options.url + "/" + smtp.hello).c_str());
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(e, CURLOPT_USE_SSL, smtp.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE);
    if (!smtp.ca_file.empty()) curl_easy_setopt(e, CURLOPT_CAINFO, smtp.ca_file.c_str());
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, &Send::answer_line);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, &send);
    if (smtp.user.empty()) return;
    curl_easy_setopt(e, CURLOPT_USERNAME, smtp.user.c_str());
    curl_easy_setopt(e, CURLOPT_PASSWORD, smtp.password.c_str());
  }

  /// What is the same for every request.
  std::unique_ptr<Send> made() {
    auto send = std::make_unique<Send>();
    send->easy = curl_easy_init();
    check(send->easy != nullptr);
    send->allowed = allowed;
    send->asking = &asking;
    CURL* e = send->easy;
    if (options.smtp) {
      speak_smtp(*send);
    } else {
      speak_http(e);
    }
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, &Impl::open_socket);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, &Impl::close_socket);
    curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, this);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    curl_easy_setopt(
        e, CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(std::min(options.timeout, options.connect_timeout).count())
    );
    curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, idle_s_max);
    curl_easy_setopt(e, CURLOPT_READFUNCTION, &Send::content);
    curl_easy_setopt(e, CURLOPT_READDATA, send.get());
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, &Send::answer);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, send.get());
    curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, &Send::connected);
    curl_easy_setopt(e, CURLOPT_PREREQDATA, send.get());
    curl_easy_setopt(e, CURLOPT_PRIVATE, send.get());
    return send;
  }

  Send& idle() {
    for (const auto& send : sends)
      if (!send->busy) return *send;
    return *sends.emplace_back(made());
  }

  Send& at(Number number) { return *busy.at(number); }

  Done ended(Send& send, CURLcode code) {
    Done out{.number = send.number, .reply = {}, .flight = std::move(send.flight)};
    long status = 0;
    curl_easy_getinfo(send.easy, CURLINFO_RESPONSE_CODE, &status);
    curl_off_t wait = 0;
    curl_easy_getinfo(send.easy, CURLINFO_RETRY_AFTER, &wait);
    Reply& reply = out.reply;
    reply.status = static_cast<int>(status);
    reply.began = send.sent > 0;
    reply.whole = send.ended;
    reply.enhanced = std::exchange(send.enhanced, {});
    // libcurl ends well only when the message was taken; the code of another end is what was said last.
    if (options.smtp && code == CURLE_OK) reply.status = 250;
    if (options.smtp && code != CURLE_OK && reply.status < 400) reply.status = 0;
    reply.stopped = send.stopped;
    reply.held = send.refused;
    if (wait > 0) reply.retry_after = std::chrono::seconds(std::min<curl_off_t>(wait, 172'800));
    if (send.forbidden) {
      reply.error = "the connection led to an address that may not be reached";
    } else if (code != CURLE_OK) {
      reply.error = curl_easy_strerror(code);
    }
    busy.erase(send.number);
    send.busy = send.asked = send.refused = send.stopped = send.forbidden = false;
    send.sendable.reset();
    send.sent = send.got = 0;
    send.ended = false;
    return out;
  }
};

Wire::Wire(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Wire::~Wire() = default;

Result<std::unique_ptr<Wire>> Wire::open(WireOptions options, const Allowed& allowed) {
  std::call_once(curl_started, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->allowed = &allowed;
  CURLU* url = curl_url();
  const bool read = curl_url_set(url, CURLUPART_URL, impl->options.url.c_str(), 0) == CURLUE_OK;
  impl->scheme = part_of(url, CURLUPART_SCHEME);
  impl->host = part_of(url, CURLUPART_HOST);
  impl->port = part_of(url, CURLUPART_PORT);
  curl_url_cleanup(url);
  if (!read || impl->host.empty())
    return fail(Code::invalid_input, "\"" + impl->options.url.substr(0, 200) + "\" is not a URL");
  impl->multi = curl_multi_init();
  check(impl->multi != nullptr);
  const auto connections = static_cast<long>(impl->options.connections);
  curl_multi_setopt(impl->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
  curl_multi_setopt(impl->multi, CURLMOPT_MAXCONNECTS, connections);
  curl_multi_setopt(impl->multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  return std::unique_ptr<Wire>(new Wire(std::move(impl)));
}

Status Wire::aim(steady_clock::time_point now) {
  Impl& i = *impl_;
  if (!i.pin.empty() && now - i.aimed < aimed_for) return {};
  i.pin.clear();
  std::string host = i.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto addresses = TRY(i.options.resolver(host));
  std::string pinned;
  for (const Address& a : addresses) {
    if (!i.allowed->may_reach(a))
      return fail(
          Code::invalid_input, i.host + " leads to " + to_string(a) +
                                   ", which is not an address of the public internet; if it is "
                                   "yours, list it in hospes.toml: [act] allow"
      );
    const bool tls = i.scheme == "https" || i.scheme == "smtps" || (i.options.smtp && i.options.smtp->tls);
    if (!tls && !i.allowed->lists(a))
      return fail(
          Code::invalid_input,
          i.host + " is reached without TLS, and " + to_string(a) +
              " is not listed in hospes.toml: [act] allow. Write " +
              (i.options.smtp ? "tls = true" : "https://") + ", or list it"
      );
    pinned += (pinned.empty() ? "" : ",") + to_string(a);
  }
  i.pin = {"-" + i.host + ":" + i.port, i.host + ":" + i.port + ":" + pinned};
  i.aimed = now;
  ++i.aim;
  return {};
}

bool Wire::full() const { return impl_->busy.size() >= impl_->options.connections; }

void Wire::open_request(Number number, const Request& request) {
  check(!full() && !impl_->pin.empty());
  Send& send = impl_->idle();
  send.number = number;
  send.busy = true;
  if (impl_->options.smtp) {
    send.recipients = list_of({request.recipient});
    curl_easy_setopt(send.easy, CURLOPT_MAIL_FROM, request.sender.c_str());
    curl_easy_setopt(send.easy, CURLOPT_MAIL_RCPT, send.recipients.get());
    curl_easy_setopt(
        send.easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.content_bytes)
    );
  } else {
    std::vector<std::string> lines = request.headers;
    lines.emplace_back("Expect:");
    send.headers = list_of(lines);
    curl_easy_setopt(send.easy, CURLOPT_HTTPHEADER, send.headers.get());
    curl_easy_setopt(
        send.easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.content_bytes)
    );
  }
  if (std::exchange(send.aim, impl_->aim) != impl_->aim) {
    send.pinned = list_of(impl_->pin);
    curl_easy_setopt(send.easy, CURLOPT_RESOLVE, send.pinned.get());
  }
  check(impl_->busy.emplace(number, &send).second);
  check(curl_multi_add_handle(impl_->multi, send.easy) == CURLM_OK);
}

std::vector<Wire::Number> Wire::asking() {
  std::vector<Number> out = std::exchange(impl_->asking, {});
  std::erase_if(out, [&](Number n) { return !impl_->busy.contains(n); });
  return out;
}

void Wire::bring(Number number, outbox::Sendable sendable, std::shared_ptr<Flight> flight) {
  Send& send = impl_->at(number);
  send.sendable.emplace(std::move(sendable));
  send.flight = std::move(flight);
  curl_easy_pause(send.easy, CURLPAUSE_CONT);
}

void Wire::refuse(Number number) {
  Send& send = impl_->at(number);
  send.refused = true;
  curl_easy_pause(send.easy, CURLPAUSE_CONT);
}

std::vector<Wire::Done> Wire::run() {
  int running = 0;
  curl_multi_perform(impl_->multi, &running);
  std::vector<Done> out;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(impl_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    char* self = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
    curl_multi_remove_handle(impl_->multi, easy);
    out.push_back(impl_->ended(*reinterpret_cast<Send*>(self), code));
  }
  return out;
}

void Wire::wait(std::chrono::milliseconds most) {
  curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(most.count()), nullptr);
  impl_->woken = false;
}

void Wire::wake() {
  if (!impl_->woken.exchange(true)) curl_multi_wakeup(impl_->multi);
}

}  // namespace hospes::activate
