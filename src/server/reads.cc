#include "server/reads.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <map>

#include "catalog/kinds.h"
#include "flow/cold.h"
#include "flow/look.h"
#include "segment/explain.h"

namespace hospes::server {
namespace {

constexpr std::size_t questions_max = 256;
constexpr std::size_t timeline_max = 200;  // newest moments shown

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

http::Response problem(int status, std::string_view code, std::string_view message) {
  return http::json(
      status,
      fmt::format("{{\"error\":{{\"code\":{},\"message\":{}}}}}\n", quoted(code), quoted(message))
  );
}

/// Writes one person; runs on the partition's own thread.
class Portrait {
 public:
  Portrait(
      const ReadDoors& doors, const flow::PartitionState& state, const flow::Component& c,
      const flow::PersonState& p
  )
      : doors_(doors), state_(state), c_(c), p_(p) {}

  std::string whole() const {
    return fmt::format(
        "{{\"person\":{},\"simulated\":{},\"identifiers\":[{}],\"traits\":{{{}}},\"permissions\":[{"
        "}],\"segments\":[{}],"
        "\"timeline\":[{}],\"as_of\":{}}}\n",
        quoted(to_hex(p_.id.atom)), flow::is_simulated(c_, p_), identifiers(), traits(),
        permissions(), segments(), timeline(), quoted(to_string(state_.clock))
    );
  }

  /// `text`: en or fr, as a person reads it; else JSON.
  std::string why(segment::SegmentIndex segment, const std::optional<std::string>& text) const {
    const flow::Look look(state_, c_, p_, doors_.node.house().heeds_no_answer, state_.clock);
    const auto& definitions = state_.engine->definitions();
    const segment::Explanation told =
        segment::explain(definitions, segment, look.person(), p_.page.since(segment), state_.clock);
    if (!text) return segment::to_json(told, definitions);
    return segment::to_text(
        told, definitions, *text == "fr" ? segment::Language::fr : segment::Language::en
    );
  }

 private:
  template <class Each>
  std::string joined(Each each) const {
    std::string out;
    each([&](const std::string& item) {
      if (!out.empty()) out += ",";
      out += item;
    });
    return out;
  }

  std::string value_text(const ValueView& v) const {
    switch (v.kind) {
      case ValueKind::null:
        return "null";
      case ValueKind::boolean:
        return v.truth() ? "true" : "false";
      case ValueKind::number:
        return to_string(v.number);
      case ValueKind::text:
        return quoted(v.text);
      case ValueKind::json:
        return std::string(v.text);
      case ValueKind::atom: {
        const auto identifier = doors_.keys.reveal(v.atom);
        return identifier ? quoted(identifier->value) : "null";
      }
    }
    return "null";
  }

  std::string identifiers() const {
    return joined([&](auto add) {
      for (const std::uint16_t i : p_.atoms) {
        const Atom& atom = c_.atoms[i].atom;
        const auto identifier = doors_.keys.reveal(atom.id);
        if (!identifier) continue;
        const catalog::Kind* kind = catalog::find_kind(atom.kind);
        add(fmt::format(
            "{{\"kind\":{},\"value\":{},\"first_seen\":{}}}",
            quoted(kind != nullptr ? kind->name : "unknown"), quoted(identifier->value),
            quoted(to_string(atom.born))
        ));
      }
    });
  }

  /// Latest by (happened, message) of what identify said.
  std::string traits() const {
    struct Said {
      const Moment* moment = nullptr;
      ValueView value;
    };
    std::map<std::string, Said> latest;
    for (const std::uint16_t i : p_.atoms) {
      const Timeline& timeline = flow::timeline_of(state_, c_, c_.atoms[i]);
      for (const Moment& m : timeline.in_order()) {
        if (m.type != EventType::identify) continue;
        for (PackedReader in(timeline.body(m)); in.next();) {
          const std::string name(doors_.names.text(in.name()));
          if (name.starts_with("context.")) continue;
          Said& said = latest[name];
          if (said.moment == nullptr || said.moment->key() < m.key()) said = {&m, in.value()};
        }
      }
    }
    return joined([&](auto add) {
      for (const auto& [name, said] : latest) {
        add(fmt::format(
            "{}:{{\"value\":{},\"at\":{},\"source\":{}}}", quoted(name), value_text(said.value),
            quoted(to_string(said.moment->happened)), quoted(doors_.names.text(said.moment->source))
        ));
      }
    });
  }

  std::string permissions() const {
    return joined([&](auto add) {
      for (const std::uint16_t i : p_.atoms) {
        for (const consent::Row& r : c_.atoms[i].ledger.rows()) {
          add(fmt::format(
              "{{\"purpose\":{},\"state\":{},\"since\":{},\"source\":{}}}",
              quoted(doors_.catalog.purposes.at(r.purpose).name), quoted(to_string(r.state)),
              quoted(to_string(r.since)), quoted(r.source)
          ));
        }
      }
    });
  }

  std::string segments() const {
    return joined([&](auto add) {
      for (const segment::Member& m : p_.page.members()) {
        const segment::Definition& d = state_.engine->definitions().at(m.segment).definition;
        add(fmt::format(
            "{{\"id\":{},\"name\":{{\"en\":{},\"fr\":{}}},\"since\":{}}}", quoted(d.id),
            quoted(d.name_en), quoted(d.name_fr), quoted(to_string(m.since))
        ));
      }
    });
  }

  std::string timeline() const {
    std::vector<std::pair<const Moment*, const Timeline*>> moments;
    for (const std::uint16_t i : p_.atoms) {
      const Timeline& held = flow::timeline_of(state_, c_, c_.atoms[i]);
      for (const Moment& m : held.in_order()) moments.emplace_back(&m, &held);
    }
    std::ranges::sort(moments, [](const auto& a, const auto& b) {
      return b.first->key() < a.first->key();
    });
    if (moments.size() > timeline_max) moments.resize(timeline_max);
    return joined([&](auto add) {
      for (const auto& [m, timeline] : moments) {
        std::string properties;
        for (PackedReader in(timeline->body(*m)); in.next();) {
          if (!properties.empty()) properties += ",";
          properties += quoted(doors_.names.text(in.name())) + ":" + value_text(in.value());
        }
        add(fmt::format(
            "{{\"at\":{},\"received\":{},\"event\":{},\"source\":{},\"simulated\":{},"
            "\"properties\":{{{}}}}}",
            quoted(to_string(m->happened)), quoted(to_string(m->received)),
            quoted(doors_.names.text(m->name)), quoted(doors_.names.text(m->source)),
            (m->flags & flag_simulated) != 0, properties
        ));
      }
    });
  }

  const ReadDoors& doors_;
  const flow::PartitionState& state_;
  const flow::Component& c_;
  const flow::PersonState& p_;
};

using Draw = std::function<
    std::string(const flow::PartitionState&, const flow::Component&, const flow::PersonState&)>;

/// Follows an atom to the component it lives in now, across partitions. Empty: nobody, or a device
/// of several people.
std::string find_person(node::Node& node, AtomId atom, const Draw& draw) {
  AtomId at = atom;
  for (unsigned hops = 0; hops < 64; ++hops) {
    std::promise<std::pair<std::string, AtomId>> answer;
    node.ask(node.lane_of(at), [&](const flow::PartitionState& s) {
      if (at == atom) {
        if (const auto d = s.directory.find(atom); d != s.directory.end())
          return answer.set_value({"", d->second.atom});
      }
      const auto found = s.components.find(at);
      if (found == s.components.end()) return answer.set_value({"", {}});
      const flow::Component& c = *found->second;
      if (c.moved_to) return answer.set_value({"", c.moved_to->atom});
      for (const flow::PersonState& p : c.people) {
        for (const std::uint16_t i : p.atoms) {
          if (c.atoms[i].atom.id == atom) return answer.set_value({draw(s, c, p), {}});
        }
      }
      answer.set_value({"", {}});
    });
    auto [text, next] = answer.get_future().get();
    if (!text.empty() || !next) return text;
    if (next == at) {  // the directory names the component that began as this very atom
      return "";
    }
    at = next;
  }
  return "";
}

}  // namespace

Reads::Reads(ReadDoors doors) : doors_(doors), thread_([this] { run(); }) {}

Reads::~Reads() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

void Reads::handle(http::Request request, http::Responder responder) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= questions_max) {
    return responder.send(
        problem(503, "over_limit", "too many questions wait; ask again in a second")
    );
  }
  waiting_.emplace_back(std::move(request), std::move(responder));
  wake_.notify_one();
}

void Reads::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto [request, responder] = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    responder.send(answer(request));
  }
}

http::Response Reads::answer(const http::Request& request) {
  if (const auto refused = doors_.access.check_place(request))
    return problem(refused->status, refused->code, refused->message);
  const std::string_view path = request.path;
  if (request.method != "GET") return problem(405, "invalid_input", "the console is read with GET");
  if (path == "/healthz") return http::text(200, "ok\n");
  if (path == "/readyz") {
    const Status health = doors_.node.health();
    return health ? http::text(200, "ready\n") : http::text(503, health.error().message + "\n");
  }
  if (path.starts_with("/start/")) {
    const auto session = doors_.access.redeem(path.substr(7), doors_.clock.now());
    if (!session) return http::from_error(session.error());
    if (!*session)
      return problem(
          403, "not_found",
          "this owner link is wrong, used or older than 15 minutes; a restart of hospes prints a "
          "new one"
      );
    http::Response welcome =
        http::text(200, "You are the owner of this house. Look next at /v1/segments\n");
    welcome.headers.add("Set-Cookie", **session);
    return welcome;
  }
  if (const auto refused = doors_.access.check_person(request, doors_.clock.now())) {
    return problem(refused->status, refused->code, refused->message);
  }
  if (path == "/v1/segments") return segments();
  if (path == "/metrics") return metrics();
  if (path.starts_with("/v1/profiles/")) return profile(request);
  return problem(
      404, "not_found", "try /v1/segments, /v1/profiles/user_id:…, /metrics, /healthz or /readyz"
  );
}

http::Response Reads::profile(const http::Request& request) {
  std::string_view rest = std::string_view(request.path).substr(13);
  const auto text = request.query_value("text");
  std::string_view wanted_segment;
  if (const auto why = rest.rfind("/why/"); why != std::string_view::npos) {
    wanted_segment = rest.substr(why + 5);
    rest = rest.substr(0, why);
  }
  const auto identifier = catalog::parse_identifier(rest);
  if (!identifier) return http::from_error(identifier.error());
  const auto atom = doors_.keys.find(*identifier);
  if (!atom) return http::from_error(atom.error());
  const std::string nobody = "nobody bears this identifier";
  if (!*atom) return problem(404, "not_found", nobody);
  bool unknown_segment = false;
  const std::string body =
      find_person(doors_.node, (*atom)->id, [&](const auto& s, const auto& c, const auto& p) {
        const Portrait portrait(doors_, s, c, p);
        if (wanted_segment.empty()) return portrait.whole();
        const auto index = s.engine ? s.engine->definitions().find(wanted_segment) : std::nullopt;
        if (index) return portrait.why(*index, text);
        unknown_segment = true;
        return std::string(" ");
      });
  if (unknown_segment)
    return problem(404, "not_found", "no segment of that id; /v1/segments lists them");
  if (body.empty()) return problem(404, "not_found", nobody);
  return text && !wanted_segment.empty() ? http::text(200, body) : http::json(200, body);
}

http::Response Reads::segments() {
  struct Count {
    const segment::Definition* definition = nullptr;
    std::uint64_t members = 0;
  };
  std::mutex mutex;
  std::vector<Count> counts;
  std::shared_ptr<const segment::Engine> engine;  // keeps the definitions alive
  doors_.node.ask_all([&](const flow::PartitionState& s) {
    if (!s.engine) return;
    const std::lock_guard lock(mutex);
    engine = s.engine;
    const auto& definitions = s.engine->definitions();
    counts.resize(std::max(counts.size(), definitions.size()));
    for (std::size_t i = 0; i < definitions.size(); ++i)
      counts[i].members += s.members[i].cardinality();
  });
  std::string list;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const segment::Definition& d =
        engine->definitions().at(static_cast<segment::SegmentIndex>(i)).definition;
    if (i > 0) list += ",";
    list += fmt::format(
        "{{\"id\":{},\"name\":{{\"en\":{},\"fr\":{}}},\"purpose\":{},\"sentence\":{{\"en\":{},"
        "\"fr\":{}}},\"members\":{}}}",
        quoted(d.id), quoted(d.name_en), quoted(d.name_fr), quoted(d.purpose),
        quoted(d.sentence_en), quoted(d.sentence_fr), counts[i].members
    );
  }
  return http::json(
      200, fmt::format(
               "{{\"as_of\":{},\"segments\":[{}]}}\n", quoted(to_string(doors_.clock.now())), list
           )
  );
}

http::Response Reads::metrics() {
  std::mutex mutex;
  flow::Totals t;
  std::uint64_t people = 0;
  doors_.node.ask_all([&](const flow::PartitionState& s) {
    const std::uint64_t here =
        static_cast<std::uint64_t>(std::ranges::count_if(s.dense, [](const flow::PersonRef& r) {
          return r.component != nullptr;
        }));
    const std::lock_guard lock(mutex);
    t.events += s.totals.events;
    t.duplicates += s.totals.duplicates;
    t.erased += s.totals.erased;
    t.transitions += s.totals.transitions;
    people += here;
  });
  return http::text(
      200, fmt::format(
               "# TYPE hospes_flow_events_total counter\nhospes_flow_events_total {}\n"
               "# TYPE hospes_flow_duplicates_total counter\nhospes_flow_duplicates_total {}\n"
               "# TYPE hospes_flow_erased_total counter\nhospes_flow_erased_total {}\n"
               "# TYPE hospes_flow_transitions_total counter\nhospes_flow_transitions_total {}\n"
               "# TYPE hospes_flow_people_count gauge\nhospes_flow_people_count {}\n"
               "# TYPE hospes_seal_atoms_count gauge\nhospes_seal_atoms_count {}\n"
               "# TYPE hospes_node_waiting_records gauge\nhospes_node_waiting_records {}\n"
               "# TYPE hospes_collect_withheld_total counter\nhospes_collect_withheld_total {}\n",
               t.events, t.duplicates, t.erased, t.transitions, people, doors_.keys.size(),
               doors_.node.waiting(), doors_.withheld.load()
           )
  );
}

}  // namespace hospes::server
