// GET /v1/passages, GET /v1/arrivals, POST /v1/arrivals/search: what happened lately.
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "flow/cold.h"
#include "flow/look.h"
#include "portal/body.h"
#include "portal/json.h"
#include "portal/portrait.h"
#include "portal/reads.h"
#include "portal/tell.h"
#include "portal/value_json.h"

namespace hospes::portal {
namespace {

constexpr std::size_t recent_usual = 50;
constexpr std::size_t recent_max = 1'000;
constexpr std::size_t searched_max = 4'096;  // arrivals
constexpr std::size_t text_bytes_max = 256;  // of what is searched

http::Response listed(
    const ConsoleDoors& doors, std::string_view name, const Feed::Newest& newest
) {
  return http::json(
      200, Object().raw(name, tell_list(doors, newest.items))
                   .text("since", to_string(newest.since))
                   .text("last", doors.feed.id(newest.last))
                   .done() +
               "\n"
  );
}

/// The words of a parameter with commas.
std::vector<std::string> words(const std::optional<std::string>& text) {
  std::vector<std::string> out;
  if (!text) return out;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    out.emplace_back(one);
  }
  return out;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool holds(std::string_view text, std::string_view wanted) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return !std::ranges::search(text, wanted, same).empty();
}

using Messages = boost::unordered_flat_map<Hash128, std::size_t, HashOfHash>;

/// One timeline, looked through for the events that are asked about.
class Search {
 public:
  Search(const ConsoleDoors& doors, std::string text) : doors_(doors), text_(std::move(text)) {}

  /// Which of the items hold the text.
  std::vector<bool> in(const std::vector<Feed::Item>& items) {
    std::vector<bool> found(items.size());
    std::vector<AtomId> owners;
    std::vector<Messages> asked;
    boost::unordered_flat_map<AtomId, std::size_t, HashOfAtom> known;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto& arrival = std::get<collect::Arrival>(items[i].what);
      found[i] = holds(arrival.name, text_) || holds(arrival.source, text_);
      const auto owner = atom_of(arrival.owner);
      if (!owner) continue;
      const auto [at, first] = known.try_emplace(*owner, owners.size());
      if (first) {
        owners.push_back(*owner);
        asked.emplace_back();
      }
      asked[at->second].emplace(arrival.message, i);
    }
    find_atoms(doors_.node, owners, [&](std::size_t owner, const Place& place) {
      if (place.person != nullptr) look(place, asked[owner], found);
    });
    return found;
  }

 private:
  void look(const Place& place, const Messages& asked, std::vector<bool>& found) const {
    const auto identifier = doors_.keys.reveal(place.atom.atom.id);
    const bool named = identifier && holds(identifier->value, text_);
    const auto lens = flow::lens_of(
        place.component, *place.person, doors_.node.house().heeds_no_answer
    );
    const Timeline& held = flow::timeline_of(place.state, place.component, place.atom);
    for (const Moment& m : held.in_order()) {
      const auto at = asked.find(m.message);
      if (at == asked.end() || found[at->second]) continue;
      if (lens.visible(m, held.opened(m), place.state.clock) == 0) continue;
      found[at->second] = named || in_body(held.body(m));
    }
  }

  bool in_body(std::string_view body) const {
    for (PackedReader in(body); in.next();) {
      if (holds(doors_.names.text(in.name()), text_)) return true;
      if (in.value().kind == ValueKind::text ? holds(in.value().text, text_)
                                             : holds(value_json(in.value(), doors_.keys), text_))
        return true;
    }
    return false;
  }

  const ConsoleDoors& doors_;
  const std::string text_;
};

struct Asked {
  std::string text;
  std::size_t limit = recent_usual;
};

Result<Asked> asked_in(const std::string& body) {
  Asked out;
  for (const Field& field : TRY(read_object(body))) {
    if (field.name == "text" && field.text) {
      out.text = field.value;
    } else if (field.name == "limit" && field.text) {
      http::Request limit;
      limit.query = "limit=" + field.value;
      out.limit = TRY(limit_of(limit, recent_usual, recent_max));
    } else {
      return fail(Code::invalid_input, "say what to look for, such as {\"text\": \"kind of blue\"}");
    }
  }
  if (out.text.empty() || out.text.size() > text_bytes_max)
    return fail(Code::invalid_input, "text must be 1 to 256 bytes");
  return out;
}

}  // namespace

http::Response read_passages(const ConsoleDoors& doors, const http::Request& request) {
  const auto limit = limit_of(request, recent_usual, recent_max);
  if (!limit) return problem(limit.error());
  std::optional<segment::SegmentIndex> segment;
  if (const auto id = request.query_value("segment")) {
    const auto engine = engine_of(doors.node);
    segment = engine ? engine->definitions().find(*id) : std::nullopt;
    if (!segment) return no_segment();
  }
  const bool real = real_only(request);
  return listed(doors, "passages", doors.feed.newest(*limit, [&](const Feed::What& what) {
    const auto* t = std::get_if<flow::Transition>(&what);
    return t != nullptr && (!segment || t->segment == *segment) && !(real && t->simulated);
  }));
}

http::Response read_arrivals(const ConsoleDoors& doors, const http::Request& request) {
  const auto limit = limit_of(request, recent_usual, recent_max);
  if (!limit) return problem(limit.error());
  std::vector<collect::Verdict> verdicts;
  for (const std::string& word : words(request.query_value("verdict"))) {
    if (word == "accepted") {
      verdicts.push_back(collect::Verdict::accepted);
    } else if (word == "withheld") {
      verdicts.push_back(collect::Verdict::withheld);
    } else if (word == "refused") {
      verdicts.push_back(collect::Verdict::rejected);
    } else {
      return problem(400, "invalid_input", "verdict is accepted, withheld, refused, or several with commas");
    }
  }
  const auto source = request.query_value("source");
  const bool real = real_only(request);
  return listed(doors, "arrivals", doors.feed.newest(*limit, [&](const Feed::What& what) {
    const auto* a = std::get_if<collect::Arrival>(&what);
    if (a == nullptr || (real && a->simulated) || (source && a->source != *source)) return false;
    return verdicts.empty() || std::ranges::find(verdicts, a->verdict) != verdicts.end();
  }));
}

http::Response search_arrivals(const ConsoleDoors& doors, const http::Request& request) {
  const auto asked = asked_in(request.body);
  if (!asked) return problem(422, "invalid_input", asked.error().message);
  const bool real = real_only(request);
  Feed::Newest newest = doors.feed.newest(searched_max, [&](const Feed::What& what) {
    const auto* a = std::get_if<collect::Arrival>(&what);
    return a != nullptr && a->verdict == collect::Verdict::accepted && !(real && a->simulated);
  });
  const std::vector<bool> found = Search(doors, asked->text).in(newest.items);
  std::vector<Feed::Item> shown;
  for (std::size_t i = 0; i < found.size() && shown.size() < asked->limit; ++i)
    if (found[i]) shown.push_back(newest.items[i]);
  const Instant since = newest.items.size() < searched_max
                            ? newest.since
                            : std::get<collect::Arrival>(newest.items.back().what).at;
  return http::json(
      200, Object().raw("arrivals", tell_list(doors, shown))
                   .number("looked_at", newest.items.size())
                   .text("since", to_string(since))
                   .done() +
               "\n"
  );
}

}  // namespace hospes::portal
