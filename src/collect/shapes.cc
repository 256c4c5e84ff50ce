#include "collect/shapes.h"

#include <algorithm>

namespace hospes::collect {
namespace {

constexpr std::int64_t minute_us = 60'000'000;

std::int64_t minute_of(Instant at) { return at.us / minute_us; }

/// A date alone is an instant too: birthdays come so.
bool is_instant(std::string_view text) {
  return parse_instant(text) || parse_instant(std::string(text) + "T00:00:00Z");
}

}  // namespace

std::string_view to_string(Drift::Kind kind) {
  constexpr std::string_view names[] = {"type", "event", "property"};
  return names[static_cast<std::size_t>(kind)];
}

std::optional<ShapeType> shape_type(const ValueView& value) {
  switch (value.kind) {
    case ValueKind::null:
      return std::nullopt;
    case ValueKind::boolean:
      return ShapeType::boolean;
    case ValueKind::number:
      return ShapeType::number;
    case ValueKind::json:
      return ShapeType::list;
    default:
      return ShapeType::text;
  }
}

bool fits(const catalog::PropertyRow& row, const ValueView& value) {
  const auto type = shape_type(value);
  if (!type) return true;
  if (row.reference && *type == ShapeType::number) return true;
  switch (row.type) {
    case catalog::PropertyType::text:
      return *type == ShapeType::text;
    case catalog::PropertyType::number:
    case catalog::PropertyType::money:
      return *type == ShapeType::number;
    case catalog::PropertyType::boolean:
      return *type == ShapeType::boolean;
    case catalog::PropertyType::instant:
      return *type == ShapeType::text && is_instant(value.text);
    case catalog::PropertyType::list:
      return *type == ShapeType::list;
  }
  return true;
}

void Shapes::hear(const SaidEvent& said) {
  const std::lock_guard lock(mutex_);
  OfSource& source = sources_[said.source.name];
  Form* form = form_of(source, said);
  if (form == nullptr) return;
  ++form->events;
  if (said.source.mode != catalog::CatalogueMode::learn && !said.row.catalogued())
    tell(source, said, {.kind = Drift::Kind::event, .seen = form->events});
  for (const SaidProperty& property : said.properties) judge(source, *form, said, property);
}

Shapes::Form* Shapes::form_of(OfSource& source, const SaidEvent& said) {
  if (const auto at = source.forms.find(said.event); at != source.forms.end()) return &at->second;
  if (events_ >= events_max) {
    ++beyond_;
    return nullptr;
  }
  ++events_;
  return &source.forms.emplace(said.event, Form{.catalogued = said.row.catalogued()}).first->second;
}

void Shapes::judge(
    OfSource& source, Form& form, const SaidEvent& said, const SaidProperty& property
) {
  Known* known = known_of(source, form, said, property);
  if (known == nullptr) return;
  ++known->values;
  const bool heeds = said.source.mode != catalog::CatalogueMode::learn;
  Say say{.property = property.name, .is = to_string(property.type), .seen = known->values};
  if (heeds && property.row != nullptr) {
    if (property.fits) return;
    say.was = catalog::to_string(property.row->type);
    say.catalogued = true;
    return tell(source, said, say);
  }
  if (property.type == known->type) heard_so(*known, said, names_.text(property.name));
  if (property.type != known->type) {
    say.was = to_string(known->type);
    return tell(source, said, say);
  }
  if (!heeds || !said.row.catalogued()) return;
  say.kind = Drift::Kind::property;
  tell(source, said, say);
}

/// Nothing when a bound is reached, or when the change was told of the property it is a part of.
Shapes::Known* Shapes::known_of(
    OfSource& source, Form& form, const SaidEvent& said, const SaidProperty& property
) {
  if (const auto at = form.known.find(property.name); at != form.known.end()) return &at->second;
  const std::string_view name = names_.text(property.name);
  if (under_scalar(source, form, said, name)) return nullptr;
  if (properties_ >= properties_max || form.known.size() >= properties_each_max) {
    ++beyond_;
    return nullptr;
  }
  ++properties_;
  const auto before = memory_.find(memory_.key(said.source.name, names_.text(said.event), name));
  const ShapeType type = has_parts(form, name) ? ShapeType::object : before.value_or(property.type);
  return &form.known.emplace(property.name, Known{.type = type}).first->second;
}

/// What is remembered of it bears today's day; of the objects it is a part of, too.
void Shapes::heard_so(Known& known, const SaidEvent& said, std::string_view name) {
  const auto today = static_cast<std::int32_t>(ShapeMemory::day_of(said.at));
  if (known.day == today) return;
  known.day = today;
  new_ = true;
  const std::string_view event = names_.text(said.event);
  memory_.put(memory_.key(said.source.name, event, name), known.type, today);
  for (auto dot = name.rfind('.'); dot != name.npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    const std::string_view whole = name.substr(0, dot);
    memory_.put(memory_.key(said.source.name, event, whole), ShapeType::object, today);
  }
}

void Shapes::recall(ShapeMemory memory) {
  const std::lock_guard lock(mutex_);
  memory_ = std::move(memory);
}

std::optional<ShapeMemory> Shapes::learnt() {
  const std::lock_guard lock(mutex_);
  return std::exchange(new_, false) ? std::optional(memory_) : std::nullopt;
}

/// `address.city` where `address` was a text: told each time, so the part is not learnt.
bool Shapes::under_scalar(
    OfSource& source, Form& form, const SaidEvent& said, std::string_view name
) {
  for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1)) {
    const std::string_view whole = name.substr(0, dot);
    Known* known = scalar_of(form, said, whole);
    if (known == nullptr) continue;
    tell(source, said, {.property = names_.find(whole),
                        .was = to_string(known->type),
                        .is = to_string(ShapeType::object),
                        .seen = ++known->values});
    return true;
  }
  return false;
}

/// Nothing when nobody ever said it as a whole.
Shapes::Known* Shapes::scalar_of(Form& form, const SaidEvent& said, std::string_view name) {
  const Name whole = names_.find(name);
  if (const auto at = whole == no_name ? form.known.end() : form.known.find(whole); at != form.known.end())
    return at->second.type == ShapeType::object ? nullptr : &at->second;
  const auto before = memory_.find(memory_.key(said.source.name, names_.text(said.event), name));
  if (!before || *before == ShapeType::object || properties_ >= properties_max) return nullptr;
  const auto named = names_.intern(name);
  if (!named) return nullptr;
  ++properties_;
  return &form.known.emplace(*named, Known{.type = *before}).first->second;
}

bool Shapes::has_parts(const Form& form, std::string_view name) const {
  return std::ranges::any_of(form.known, [&](const auto& one) {
    const std::string_view other = names_.text(one.first);
    return other.size() > name.size() && other.starts_with(name) && other[name.size()] == '.';
  });
}

void Shapes::tell(OfSource& source, const SaidEvent& said, const Say& say) {
  auto at = std::ranges::find_if(source.told, [&](const Told& t) {
    return t.event == said.event && t.property == say.property && t.what.kind == say.kind &&
           t.what.is == say.is;
  });
  if (at == source.told.end()) {
    if (source.told.size() >= drifts_max) {
      ++beyond_;
      return;
    }
    Drift what{
        .kind = say.kind,
        .event = std::string(names_.text(said.event)),
        .property = std::string(names_.text(say.property)),
        .was = std::string(say.was),
        .is = std::string(say.is),
        .catalogued = say.catalogued,
        .first = said.at,
        .last = said.at,
        .first_message = std::string(said.message_id)};
    source.told.push_back(
        {.what = std::move(what),
         .event = said.event,
         .property = say.property,
         .before = say.seen - 1}
    );
    at = source.told.end() - 1;
  }
  const std::int64_t minute = minute_of(said.at);
  if (minute != at->minute) {
    at->in_last = minute == at->minute + 1 ? at->in_minute : 0;
    at->in_minute = 0;
    at->minute = minute;
  }
  ++at->in_minute;
  ++at->what.times;
  at->what.last = said.at;
  at->what.of = say.seen - at->before;
}

std::vector<Drift> Shapes::drifts(std::string_view source, Instant now) const {
  const std::lock_guard lock(mutex_);
  std::vector<Drift> out;
  const auto found = sources_.find(std::string(source));
  if (found == sources_.end()) return out;
  for (const Told& told : found->second.told) {
    Drift& drift = out.emplace_back(told.what);
    // The running minute, and of the one before what a minute reaches back to.
    const std::int64_t old = minute_of(now) - told.minute;
    const auto left = static_cast<std::uint64_t>(minute_us - now.us % minute_us);
    const std::uint64_t before = old == 0 ? told.in_last : old == 1 ? told.in_minute : 0;
    drift.per_min = (old == 0 ? told.in_minute : 0) + (before * left + minute_us - 1) / minute_us;
  }
  std::ranges::stable_sort(out, std::ranges::greater{}, &Drift::first);
  return out;
}

std::vector<HeardEvent> Shapes::heard(std::string_view source) const {
  const std::lock_guard lock(mutex_);
  std::vector<HeardEvent> out;
  const auto found = sources_.find(std::string(source));
  if (found == sources_.end()) return out;
  for (const auto& [event, form] : found->second.forms) {
    HeardEvent& one = out.emplace_back();
    one.event = names_.text(event);
    one.catalogued = form.catalogued;
    one.events = form.events;
    for (const auto& [name, known] : form.known)
      one.properties.push_back({std::string(names_.text(name)), known.type, known.values});
    std::ranges::sort(one.properties, {}, &HeardEvent::Property::name);
  }
  std::ranges::sort(out, {}, &HeardEvent::event);
  return out;
}

std::uint64_t Shapes::beyond() const {
  const std::lock_guard lock(mutex_);
  return beyond_;
}

}  // namespace hospes::collect
