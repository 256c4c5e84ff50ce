#include "journey/book.h"

#include <algorithm>

#include "segment/evaluate.h"

namespace hospes::journey {
namespace {

class Binder {
 public:
  explicit Binder(const Binding& binding) : binding_(binding) {}

  Result<std::unique_ptr<Bound>> one(Versioned said) {
    auto out = std::make_unique<Bound>();
    out->said = std::move(said);
    const Definition& d = out->said.definition;
    strict_ = out->open();
    if (out->said.ended) return out;
    const auto purpose = binding_.purpose(d.purpose);
    if (!purpose)
      return fail(Code::invalid_input, "journey " + d.id + ": no purpose \"" + d.purpose + "\"");
    out->purpose = *purpose;
    const Name name = TRY(binding_.names->intern(d.id));
    out->name = binding_.names->text(name);
    out->source = TRY(binding_.names->intern("journey " + d.id));
    out->asks.name = d.id;
    out->asks.purpose = *purpose;
    out->asks.basis = binding_.basis(*purpose);
    for (const auto& [from, to] :
         {std::pair{&d.enter, &out->enter}, {&d.goal, &out->goal}, {&d.exit, &out->exit}})
      for (const Trigger& t : *from) to->push_back(TRY(trigger(d, t)));
    for (std::size_t i = 0; i < d.steps.size(); ++i) out->steps.push_back(TRY(step(d, i)));
    return out;
  }

 private:
  Result<std::uint32_t> segment(const Definition& d, const std::string& id) {
    if (const auto index = binding_.segment(id)) return *index;
    if (!strict_) return no_segment;
    return fail(
        Code::invalid_input, "journey " + d.id + " in journeys.jny names segment \"" + id +
                                 "\", which is not there: change the journey first"
    );
  }

  Result<BoundTrigger> trigger(const Definition& d, const Trigger& t) {
    BoundTrigger out{.said = &t};
    if (t.kind == Trigger::segment || t.of_members()) out.segment = TRY(segment(d, t.name));
    if (!t.from.empty()) out.from = TRY(segment(d, t.from));
    if (t.kind == Trigger::event) out.event = TRY(binding_.names->intern(t.name));
    if (t.kind == Trigger::request) out.event = TRY(binding_.names->intern(request_event));
    out.key = TRY(binding_.names->intern(t.key));
    for (const hospes::segment::Clause& c : t.where) {
      const Name name = TRY(binding_.names->intern(c.name));
      out.where.push_back(name);
    }
    return out;
  }

  Result<BoundStep> step(const Definition& d, std::size_t i) {
    const Action& action = d.steps[i].action;
    BoundStep out{.action = &action};
    const auto place = [&](std::string_view id) {
      return static_cast<std::uint16_t>(target_of(d, i, id));
    };
    if (const auto* w = std::get_if<WaitTrait>(&action)) {
      out.trait = TRY(binding_.names->intern(w->trait));
      out.other = place(w->other);
    } else if (const auto* f = std::get_if<WaitFor>(&action)) {
      out.on = TRY(trigger(d, f->on));
      out.other = place(f->other);
    } else if (const auto* b = std::get_if<Branch>(&action)) {
      for (const Branch::Arm& arm : b->arms) {
        out.segments.push_back(TRY(segment(d, arm.segment)));
        out.arms.push_back(place(arm.to));
      }
      out.other = place(b->other);
    } else if (const auto* s = std::get_if<Split>(&action)) {
      for (const Split::Arm& arm : s->arms) out.arms.push_back(place(arm.to));
    } else if (const auto* decide = std::get_if<Decide>(&action)) {
      for (const Decide::Arm& arm : decide->arms) out.arms.push_back(place(arm.to));
      out.other = place(decide->other);
    } else if (const auto* update = std::get_if<Update>(&action)) {
      out.trait = TRY(binding_.names->intern(update->trait));
    } else if (const auto* send = std::get_if<Send>(&action)) {
      out.other = place(send->other);
    } else if (const auto* jump = std::get_if<Jump>(&action)) {
      out.other = place(jump->to);
    }
    return out;
  }

  const Binding& binding_;
  bool strict_ = true;
};

}  // namespace

bool holds(const BoundTrigger& trigger, std::string_view properties) {
  for (std::size_t i = 0; i < trigger.where.size(); ++i) {
    const segment::Clause& c = trigger.said->where[i];
    if (!segment::passes(find_property(properties, trigger.where[i]), c.test, c.values)) return false;
  }
  return true;
}

const Bound* Book::find(std::string_view id, std::uint32_t version) const {
  const auto at = by_version_.find({id, version});
  return at == by_version_.end() ? nullptr : at->second;
}

const Bound* Book::open(std::string_view id) const {
  for (const auto& b : all_)
    if (b->open() && b->id() == id) return b.get();
  return nullptr;
}

std::span<const Book::Entry> Book::of(const std::vector<Entry>& list, std::uint32_t what) {
  return std::ranges::equal_range(list, what, {}, &Entry::of);
}

Result<std::shared_ptr<const Book>> bind(std::vector<Versioned> list, const Binding& binding) {
  auto book = std::make_shared<Book>();
  Binder binder(binding);
  for (Versioned& said : list) {
    const Bound& b = *book->all_.emplace_back(TRY(binder.one(std::move(said))));
    if (!b.said.ended) book->by_version_[{b.id(), b.said.version}] = &b;
    if (!b.open()) continue;
    for (const BoundTrigger& t : b.enter) {
      if (t.said->kind == Trigger::segment) book->segments_.push_back({t.segment, &b, &t});
      if (t.said->of_members()) book->dated_.push_back({t.segment, &b, &t});
      if (t.event != no_name) book->events_.push_back({t.event, &b, &t});
    }
  }
  std::ranges::stable_sort(book->segments_, {}, &Book::Entry::of);
  std::ranges::stable_sort(book->events_, {}, &Book::Entry::of);
  book->request_ = TRY(binding.names->intern(request_event));
  book->request_names_ = TRY(binding.names->intern("journey"));
  book->identify_ = TRY(binding.names->intern(event_name(EventType::identify, {})));
  book->zone_ = binding.zone != nullptr ? binding.zone : &zones::utc();
  return std::shared_ptr<const Book>(std::move(book));
}

}  // namespace hospes::journey
