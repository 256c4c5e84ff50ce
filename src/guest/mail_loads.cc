#include "guest/mail_loads.h"

#include <algorithm>
#include <array>

#include "activate/reading.h"
#include "activate/sender.h"
#include "base/json_text.h"
#include "catalog/kinds.h"
#include "flow/look.h"
#include "mail/tracking.h"
#include "portal/people.h"

namespace hospes::guest {
namespace {

using mail::Token;

// A picture of one transparent point, GIF89a.
constexpr std::string_view point(
    "GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;", 43
);

// Words of those who load what others read; small letters. Proxies of pictures say so themselves.
constexpr std::array<std::string_view, 24> programs = {
    "googleimageproxy", "yahoomailproxy", "yahoo! slurp", "bot",        "crawl",      "spider",
    "preview",          "prefetch",       "scan",         "barracuda",  "proofpoint", "mimecast",
    "symantec",         "fireeye",        "trend micro",  "safelinks",  "curl/",      "wget/",
    "python-",          "go-http-client", "java/",        "okhttp",     "libwww",     "headlesschrome"};

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

/// What is known where the address lives.
struct Loader {
  bool soon = false, simulated = false;
  std::optional<AtomId> yes;  // whose yes it rests on
  std::string action, campaign;
};

Loader loader_of(const Doors& doors, const Token& token, PurposeBit purpose) {
  Loader out;
  const Instant now = doors.house.clock.now();
  portal::find_atom(doors.house.node, token.address, [&](const portal::Place& place) {
    if (place.person == nullptr) return;
    const flow::Component& c = place.component;
    out.simulated = flow::is_simulated(c, *place.person);
    out.yes = activate::opened_by(
        c, static_cast<std::size_t>(&place.atom - c.atoms.data()), purpose, doors.house.node.house(),
        std::max(now, place.state.clock)
    );
    for (const flow::AtomState& atom : c.atoms) {
      const auto e = std::ranges::find(atom.effects, token.effect, &outbox::Effect::key);
      if (e == atom.effects.end()) continue;
      out.soon = outbox::is_open(e->state) || now < e->finished + Duration(MailLoads::soonest);
      out.action = e->rule;
      out.campaign = outbox::campaign_of(*e);
    }
  });
  return out;
}

/// As an item of /v1/track. Its name makes it count once for a message, and once for each link.
std::string item_of(const Token& token, const Identifier& who, const Loader& by) {
  const bool open = token.kind == Token::Kind::open;
  const auto* kind = catalog::find_kind(who.kind);
  std::string_view type = kind->name, value = who.value;
  if (who.kind == catalog::kind::external_id) {
    type = value.substr(0, value.find(':'));
    value.remove_prefix(std::min(value.size(), type.size() + 1));
  }
  std::string out = "{\"event\":\"";
  out += open ? "Email Opened" : "Email Link Clicked";
  out += "\",\"messageId\":\"" + std::string(open ? "open" : "click") + "." + to_hex(token.effect);
  if (!open) out += "." + std::to_string(token.link);
  out += "\",\"context\":{\"externalIds\":[{\"type\":" + std::string(json_text(type));
  out += ",\"id\":" + std::string(json_text(value)) + "}]},\"properties\":{\"message_id\":\"";
  out += to_hex(token.effect) + "\"";
  const auto put = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) out.append(",\"").append(name).append("\":").append(json_text(text));
  };
  put("action", by.action);
  put("campaign", by.campaign);
  put("link", token.leads_to);
  return out + "}}";
}

http::Response plain(int status, std::string_view said) {
  return http::text(status, std::string(said) + "\n");
}

}  // namespace

bool is_machine(const http::Request& request) {
  if (request.method != "GET") return true;
  for (const std::string_view name : {"Sec-Purpose", "Purpose", "X-Moz", "X-Purpose"})
    if (const auto said = lowered(request.headers.find(name)); said.contains("prefetch") || said.contains("preview"))
      return true;
  const std::string agent = lowered(request.headers.find("User-Agent"));
  // Apple's Mail Privacy Protection loads everything, and says `Mozilla/5.0` and no more.
  if (agent.empty() || agent == "mozilla/5.0") return true;
  return std::ranges::any_of(programs, [&](std::string_view word) { return agent.contains(word); });
}

MailLoads::MailLoads(const Doors& doors)
    : doors_(doors), tokens_(doors.house.keys.house_secret()), thread_([this] { run(); }) {}

MailLoads::~MailLoads() { close(); }

bool MailLoads::serves(std::string_view path) {
  return path.starts_with(mail::opens_folder) || path.starts_with(mail::clicks_folder);
}

void MailLoads::handle(const http::Request& request, http::Responder responder) {
  std::string_view text = request.path;
  const bool open = text.starts_with(mail::opens_folder);
  text.remove_prefix(open ? mail::opens_folder.size() : mail::clicks_folder.size());
  if (open && text.ends_with(mail::picture_ending)) text.remove_suffix(mail::picture_ending.size());
  const auto token = tokens_.read(text, open ? Token::Kind::open : Token::Kind::click);
  if (!token)
    return responder.send(plain(404, "This link is not complete: open it from the message again, or copy it whole. "
                                     "Ce lien n’est pas complet : ouvrez-le à nouveau depuis le message."));
  if (request.method != "GET" && request.method != "HEAD")
    return responder.send(plain(405, "a link is read with GET"));
  http::Response out{open ? 200 : 302, {}, open ? std::string(point) : std::string()};
  out.headers.add("Content-Type", open ? "image/gif" : "text/plain; charset=utf-8");
  if (!open) out.headers.add("Location", token->leads_to);
  out.headers.add("Cache-Control", "no-store");
  out.headers.add("Referrer-Policy", "no-referrer");
  responder.send(std::move(out));
  if (doors_.house.sender == nullptr) return;
  activate::MailLoaded& counts = doors_.house.sender->loaded();
  if (mail::is_over(*token, doors_.house.clock.now())) {
    ++counts.over;
  } else if (is_machine(request)) {
    ++counts.machine;
  } else {
    const std::lock_guard lock(mutex_);
    if (stop_ || waiting_.size() >= waiting_max) {
      ++counts.shed;
      return;
    }
    waiting_.push_back(*token);
    wake_.notify_one();
  }
}

void MailLoads::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (stop_) return;
    const Token next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    record(next);
    lock.lock();
  }
}

void MailLoads::record(const Token& token) {
  activate::MailLoaded& counts = doors_.house.sender->loaded();
  const bool open = token.kind == Token::Kind::open;
  const auto purpose = activate::measure_of(doors_.house.catalog.purposes, open ? mail::opens_purpose : mail::clicks_purpose);
  const Loader by = purpose ? loader_of(doors_, token, *purpose) : Loader{};
  if (!by.yes) {
    ++counts.withheld;
  } else if (by.soon) {
    ++counts.machine;
  } else if (const auto who = doors_.house.keys.reveal(*by.yes); !who) {
    ++counts.withheld;  // erased meanwhile
  } else if (doors_.tell(item_of(token, *who, by), by.simulated)) {
    ++counts.recorded;
  } else {
    ++counts.shed;
  }
}

void MailLoads::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace hospes::guest
