#include "portal/definitions.h"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <map>

#include "journey/text.h"
#include "outbox/effect.h"
#include "portal/house_file.h"
#include "portal/reads.h"
#include "portal/thresholds.h"
#include "segment/text.h"

namespace hospes::portal {
namespace {

Error told(const segment::Mistake& mistake) {
  return {
      Code::invalid_input,
      fmt::format(
          "{}, line {}, column {}: {}", Definitions::file, mistake.place.line, mistake.place.column,
          mistake.message
      )};
}

Result<segment::InForce> parsed(std::string_view text) {
  auto list = segment::parse_file(text);
  if (!list) return std::unexpected(told(list.error()));
  return std::move(*list);
}

/// A house without the file leads nobody, and never did, unless it had one.
std::string led_after(const std::string& before, const std::vector<journey::Definition>& next) {
  const auto in_force = journey::parse_in_force(before);
  return journey::succession(in_force ? *in_force : std::vector<journey::Versioned>(), next);
}

/// What `next` makes of the text in force, which this version or one before it wrote.
std::string successor(const std::string& before, const segment::InForce& next) {
  const auto in_force = segment::parse_in_force(before);
  return segment::succession(
      in_force ? *in_force : segment::InForce(), next.definitions, next.lifecycles
  );
}

/// Of one definition of a file; empty when it is not there.
std::string canonical_in(const std::string& source, const std::string& id) {
  if (const auto list = segment::parse(source))
    for (const segment::Definition& d : *list)
      if (d.id == id) return segment::format(d);
  return "";
}

SegmentPurposes purposes_in(const std::string& in_force) {
  SegmentPurposes out;
  const auto known = segment::parse_in_force(in_force);
  if (!known) return out;
  for (std::size_t i = 0; i < known->definitions.size(); ++i)
    if (!known->retired[i]) out[known->definitions[i].id] = known->definitions[i].purpose;
  return out;
}

}  // namespace

SegmentPurposes Definitions::segments() const {
  SegmentPurposes out;
  if (const auto engine = engine_of(node_))
    for (segment::SegmentIndex i = 0; i < engine->definitions().size(); ++i)
      if (const auto& entry = engine->definitions().at(i); !entry.retired)
        out[entry.definition.id] = entry.definition.purpose;
  return out;
}

Result<std::vector<journey::Definition>> Definitions::led(const std::string& segments) {
  const std::string text = TRY(journeys());
  auto list = journey::parse(text);
  if (!list) return fail(Code::invalid_input, journey::to_string(list.error(), journeys_file));
  for (const journey::Definition& d : *list)
    if (d.id.starts_with(outbox::campaign_prefix))
      return fail(
          Code::invalid_input,
          fmt::format(
              "{}, line {}: the ids that begin with {} are of campaigns.toml: call this journey otherwise",
              journeys_file, d.place.line, outbox::campaign_prefix
          )
      );
  if (campaigns_ == nullptr) return std::move(*list);
  for (journey::Definition& d : TRY(campaigns_->in_force(purposes_in(segments)))) list->push_back(std::move(d));
  return std::move(*list);
}

Result<std::string> Definitions::text() { return text_of(file); }
Result<std::string> Definitions::journeys() { return text_of(journeys_file); }

Result<std::string> Definitions::text_of(std::string_view name) {
  auto read = disk::read_all(folder_, std::string(name), segment::source_bytes_max);
  if (!read && read.error().code == Code::not_found) return std::string();
  return read;
}

Result<std::optional<std::string>> Definitions::next() { return next_of(TRY(text())); }

Result<std::optional<std::string>> Definitions::next_of(std::string_view source) {
  const record::Defined before = in_force();
  std::string after =
      source.empty() ? before.segments : successor(before.segments, TRY(parsed(source)));
  const std::string after_led = led_after(before.journeys, TRY(led(after)));
  if (after == before.segments && beside_ == node::Beside{before.actions, before.decisions, before.retention} &&
      after_led == before.journeys)
    return std::optional<std::string>();
  return std::optional(std::move(after));
}

record::Defined Definitions::in_force() const {
  std::promise<record::Defined> told;
  node_.ask(0, [&](const flow::PartitionState& s) { told.set_value(s.definitions); });
  return told.get_future().get();
}

Status Definitions::take_campaigns() {
  const std::lock_guard lock(changing_);
  return put_in_force(std::nullopt);
}

Status Definitions::take() {
  const std::lock_guard lock(changing_);
  const std::string source = TRY(text());
  if (source.empty()) return put_in_force(std::nullopt);
  return put_in_force(TRY(parsed(source)));
}

Status Definitions::put_in_force(const std::optional<segment::InForce>& next) {
  const std::string segments = in_force().segments;
  const auto next_led = TRY(led(next ? successor(segments, *next) : segments));
  std::promise<Status> durable;
  TRY(node_.redefine(
      [&](const std::string& before) { return next ? successor(before, *next) : before; },
      [&](Status s) { durable.set_value(std::move(s)); }, beside_,
      [&](const std::string& before) { return led_after(before, next_led); }
  ));
  TRY(durable.get_future().get());
  const auto began = std::chrono::steady_clock::now();
  switched_ = 0;
  of_ = node_.partitions();
  node_.ask_all([&](const flow::PartitionState&) { ++switched_; });  // each answers after it has switched
  took_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count();
  return {};
}

Status Definitions::recount(Instant now) {
  Status done = refresh_thresholds(node_, now);
  note(everybody, done, now);
  return done;
}

void Definitions::note(std::string_view id, const Status& status, Instant at) {
  const std::lock_guard lock(noting_);
  const auto known = troubles_.find(id);
  if (!status)
    troubles_.insert_or_assign(std::string(id), Trouble{at, status.error().message});
  else if (known != troubles_.end())
    troubles_.erase(known);
}

std::optional<Definitions::Trouble> Definitions::trouble(std::string_view id) const {
  const std::lock_guard lock(noting_);
  const auto known = troubles_.find(id);
  return known == troubles_.end() ? std::nullopt : std::optional(known->second);
}

Status Definitions::keep(const segment::Definition& definition, std::string_view by, Instant at) {
  return change(
      [&](std::string_view source) { return segment::with_definition(source, definition); },
      {at, definition.id, std::string(by), segment::format(definition)}
  );
}

Status Definitions::retire(std::string_view id, std::string_view by, Instant at) {
  return change(
      [&](std::string_view source) { return segment::without_definition(source, id); },
      {at, std::string(id), std::string(by), ""}
  );
}

Status Definitions::as_taken(const std::string& source, std::string_view name) {
  const auto by_hand = next_of(source);
  if (!by_hand) return fail(Code::conflict, by_hand.error().message + "; mend the file first");
  if (!*by_hand) return {};
  return fail(
      Code::conflict,
      fmt::format(
          "{} in the house's folder was edited since the house took it: restart the house, or undo "
          "that edit, then save again",
          name
      )
  );
}

Status Definitions::pause(std::string_view journey, bool paused) {
  return change_journeys([&](std::string_view source) { return journey::with_pause(source, journey, paused); });
}

Status Definitions::keep_journey(std::string_view text) {
  return change_journeys([&](std::string_view source) { return journey::with_journey(source, text); });
}

Status Definitions::change_journeys(const Change& edit) {
  const std::lock_guard lock(changing_);
  const std::string source = TRY(text());
  TRY(as_taken(source, journeys_file));
  const std::string before = TRY(journeys());
  const auto after = edit(before);
  if (!after) return fail(Code::invalid_input, journey::to_string(after.error(), journeys_file));
  if (after->size() > segment::source_bytes_max)
    return fail(Code::over_limit, fmt::format("{} would have more than {} bytes", journeys_file, segment::source_bytes_max));
  TRY(write_house_file(folder_, journeys_file, *after));
  Status done = put_in_force(std::nullopt);
  if (!done) TRY(disk::replace(folder_, "", std::string(journeys_file), before));
  return done;
}

Status Definitions::change(const Change& edit, Version version) {
  const std::lock_guard lock(changing_);
  const std::string before = TRY(text());
  TRY(as_taken(before));
  const auto after = edit(before);
  if (!after) return std::unexpected(told(after.error()));
  TRY(write(before, *after));
  return remember(folder_, version, canonical_in(before, version.id));
}

Status Definitions::write(const std::string& before, const std::string& after) {
  const auto list = TRY(parsed(after));
  // The file first: what a crash leaves between, the next start takes.
  TRY(write_house_file(folder_, file, after));
  Status done = put_in_force(list);
  if (!done) TRY(disk::replace(folder_, "", std::string(file), before));
  return done;
}

Status Definitions::replace(const std::string& source, std::string_view by, Instant at) {
  const std::lock_guard lock(changing_);
  const std::string before = TRY(text());
  if (before != source) TRY(as_taken(before));
  // What is in force, not what the file says: it may be that text already.
  const std::string in_force_before = in_force().segments;
  TRY(write(before, source));
  const auto was = segment::parse_in_force(in_force_before);
  const segment::InForce now = TRY(parsed(source));
  std::map<std::string, std::pair<std::string, std::string>> changed;  // id → text before and after
  for (std::size_t i = 0; was && i < was->definitions.size(); ++i)
    if (!was->retired[i]) changed[was->definitions[i].id].first = segment::format(was->definitions[i]);
  for (const segment::Definition& d : now.definitions) changed[d.id].second = segment::format(d);
  for (const auto& [id, texts] : changed)
    if (texts.first != texts.second) TRY(remember(folder_, {at, id, std::string(by), texts.second}, texts.first));
  return {};
}

}  // namespace hospes::portal
