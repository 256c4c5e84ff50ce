#include "segment/sentence.h"

#include "segment/sentence_io.h"

namespace hospes::segment {

namespace {

/// The grammar. Each function is one rule, for writing and for reading.
template <class Io>
class Grammar {
 public:
  explicit Grammar(Io& io) : io_(io) {}

  bool either(Node& node) { return joined<Any>(node, {"or", "ou"}, &Grammar::both); }

 private:
  static constexpr bool reads = Io::reads;

  // Joints. Depth is bounded as in the text form.

  template <class Kind>
  bool joined(Node& node, const Phrase2& joint, bool (Grammar::*part)(Node&)) {
    if constexpr (!reads) {
      auto* kind = std::get_if<Kind>(&node.is);
      if (kind == nullptr) return (this->*part)(node);
      for (Node& child : kind->of) {
        if (&child != &kind->of[0]) io_.word(joint);
        unit(child);
      }
      return true;
    } else {
      Kind kind;
      Node first;
      if (!(this->*part)(first)) return false;
      kind.of.push_back(std::move(first));
      for (std::size_t here = io_.place(); io_.word(joint); here = io_.place()) {
        Node next;
        if (kind.of.size() >= nodes_max || !(this->*part)(next)) {
          io_.back(here);
          break;
        }
        kind.of.push_back(std::move(next));
      }
      if (kind.of.size() == 1)
        node = std::move(kind.of[0]);
      else
        node = {std::move(kind), {}};
      return true;
    }
  }
  bool both(Node& node) { return joined<All>(node, {"and", "et"}, &Grammar::unit); }

  bool group(Node& node) { return io_.raw("(") && either(node) && io_.raw(")"); }

  bool unit(Node& node) {
    if constexpr (!reads) {
      const bool several =
          std::holds_alternative<All>(node.is) || std::holds_alternative<Any>(node.is);
      if (several) return group(node);
      return std::visit([&](auto& is) { return rule(is); }, node.is);
    } else {
      if (++depth_ > 2 * depth_max) return false;
      const bool fits = grouped(node) || leaf(node);
      --depth_;
      return fits;
    }
  }
  bool grouped(Node& node) {
    const std::size_t here = io_.place();
    if (group(node)) return true;
    io_.back(here);
    return false;
  }
  template <class... Kinds>
  bool any_rule(Node& node) {
    const std::size_t here = io_.place();
    const auto fits = [&]<class Kind>(Kind kind) {
      io_.back(here);
      if (!rule(kind)) return false;
      node = {std::move(kind), {}};
      return true;
    };
    return (fits(Kinds{}) || ...);
  }
  /// What begins alike: the longer rule first.
  bool leaf(Node& node) {
    return any_rule<
        Not, InSegment, HasIdentifier, TraitDate, TraitTest, Compared, Ranked, AgainstMedian, Folded, Aged,
        Sequence, Still, CalendarNow, Permission>(node);
  }

  bool rule(All&) { return false; }
  bool rule(Any&) { return false; }
  bool rule(Not& is) {
    if constexpr (reads) is.of.resize(1);
    return io_.word({"it is not so that", "il n'est pas vrai que"}) && unit(is.of[0]);
  }
  bool rule(InSegment& is) {
    return io_.word({"they are in segment", "cette personne est dans le segment"}) && bare(is.id);
  }
  bool rule(HasIdentifier& is) {
    return io_.word({"they have an identifier of kind", "elle a un identifiant de type"}) &&
           bare(is.kind);
  }

  // Words and numbers.

  bool bare(std::string& value) {
    if constexpr (reads) {
      return io_.bare(value);
    } else {
      return io_.raw(value);
    }
  }

  bool duration(Duration& d) {
    struct Unit {
      std::string_view sign;
      Phrase2 one, many;
    };
    static constexpr Unit units[] = {
        {"us", {"microsecond", "microseconde"}, {"microseconds", "microsecondes"}},
        {"ms", {"millisecond", "milliseconde"}, {"milliseconds", "millisecondes"}},
        {"s", {"second", "seconde"}, {"seconds", "secondes"}},
        {"m", {"minute", "minute"}, {"minutes", "minutes"}},
        {"h", {"hour", "heure"}, {"hours", "heures"}},
        {"d", {"day", "jour"}, {"days", "jours"}},
        {"w", {"week", "semaine"}, {"weeks", "semaines"}}};
    if constexpr (!reads) {
      const std::string text = to_string(d);
      const std::size_t digits = text.find_first_not_of("0123456789");
      const std::string n = text.substr(0, digits);
      io_.raw(n);
      const auto* unit = std::ranges::find(units, text.substr(digits), &Unit::sign);
      return io_.word(n == "1" ? unit->one : unit->many);
    } else {
      std::string n;
      if (!io_.bare(n) || n.find_first_not_of("0123456789") != std::string::npos) return false;
      for (const Unit& unit : units) {
        if (!io_.word(unit.many) && !io_.word(unit.one)) continue;
        const auto read = parse_duration(n + std::string(unit.sign));
        if (read) d = *read;
        return read.has_value();
      }
      return false;
    }
  }
  bool duration(std::optional<Duration>& d) {
    if constexpr (reads) d.emplace();
    return duration(*d);
  }

  bool literal(Value& v) {
    if constexpr (!reads) {
      if (v.kind == ValueKind::number) return io_.number(v.number);
      if (v.kind == ValueKind::text) return io_.text(v.text);
      return io_.word(v.number.micro != 0 ? Phrase2{"true", "vrai"} : Phrase2{"false", "faux"});
    } else {
      std::string text;
      Decimal number;
      if (io_.text(text)) v = Value::of(std::string_view(text));
      else if (io_.number(number)) v = Value::of(number);
      else if (io_.word({"true", "vrai"})) v = Value::of(true);
      else if (io_.word({"false", "faux"})) v = Value::of(false);
      else return false;
      return true;
    }
  }

  bool instant(std::optional<Instant>& at) {
    std::string text;
    if constexpr (!reads) text = to_string(*at);
    if (!io_.text(text)) return false;
    if constexpr (reads) at = parse_instant(text);
    return at.has_value();
  }

  // Windows.

  /// Nothing is written for ever. `since`: "in the last", else the age of one event.
  bool window(Window& w, bool since = true) {
    const bool both = w.from && w.to != Duration(0);
    if constexpr (!reads) {
      if (w == Window{}) return true;
    }
    const std::size_t here = io_.place();
    if (io_.maybe({"between", "il y a entre"}, both)) {
      if (duration(w.from) && io_.word({"and", "et"}) && duration(w.to) && io_.word({"ago", "de cela"}))
        return true;
      io_.back(here);
    }
    const Phrase2 last = since ? Phrase2{"in the last", "au cours des derniers"}
                               : Phrase2{"less than", "il y a moins de"};
    if (io_.maybe(last, w.from && !both)) {
      return duration(w.from) && (since || io_.word({"ago", "de cela"}));
    }
    if (io_.maybe({"at least", "il y a au moins"}, !w.from && w.to != Duration(0))) {
      if (duration(w.to) && io_.word({"ago", "de cela"})) return true;
      io_.back(here);
    }
    if constexpr (reads) w = {};
    return since;
  }

  // Conditions on properties.

  bool calendar(Calendar& c) {
    if (!io_.one_of(
            c.kind, {{Calendar::today, {"on today's date", "à la date d'aujourd'hui"}},
                     {Calendar::weekdays, {"on one of the weekdays", "l'un des jours"}},
                     {Calendar::season, {"on the days from", "aux jours du"}},
                     {Calendar::clock, {"between the hours of", "entre les heures de"}}}
        )) {
      return false;
    }
    if (c.kind == Calendar::today) return true;
    if (c.kind == Calendar::weekdays) return weekdays(c);
    const Phrase2 to = c.kind == Calendar::season ? Phrase2{"to", "au"} : Phrase2{"and", "et"};
    return calendar_end(c.kind, c.from) && io_.word(to) && calendar_end(c.kind, c.to);
  }

  bool calendar_end(Calendar::Kind kind, unsigned& at) {
    if constexpr (!reads) {
      return io_.raw(
          kind == Calendar::season ? fmt::format("{:02}-{:02}", at / 100, at % 100)
                                   : fmt::format("{:02}:{:02}", at / 60, at % 60)
      );
    } else {
      std::string text;
      if (!io_.bare(text, "-:")) return false;
      const auto end = parse_calendar_end(text);
      if (!end || end->kind != kind) return false;
      at = end->from;
      return true;
    }
  }

  bool weekdays(Calendar& c) {
    static constexpr Phrase2 names[] = {
        {"monday", "lundi"},   {"tuesday", "mardi"},    {"wednesday", "mercredi"},
        {"thursday", "jeudi"}, {"friday", "vendredi"}, {"saturday", "samedi"},
        {"sunday", "dimanche"}};
    if (!io_.raw("(")) return false;
    bool first = true;
    for (unsigned day = 0; day < 7; ++day) {
      if constexpr (!reads) {
        if ((c.from >> day & 1) == 0) continue;
        if (!first) io_.raw(",");
        io_.word(names[day]);
      } else {
        const std::size_t here = io_.place();
        if ((!first && !io_.raw(",")) || !io_.word(names[day])) {
          io_.back(here);
          continue;
        }
        c.from |= 1U << day;
      }
      first = false;
    }
    return io_.raw(")");
  }

  bool test(Test& t) {
    return io_.one_of(
        t, {{Test::ge, {"is at least", "est d'au moins"}},
            {Test::le, {"is at most", "est d'au plus"}},
            {Test::lt, {"is below", "est en dessous de"}},
            {Test::gt, {"is above", "est au-dessus de"}},
            {Test::in, {"is one of", "est parmi"}},
            {Test::exists, {"is known", "est connu"}},
            {Test::ne, {"is other than", "est autre que"}},
            {Test::near, {"lies near", "se trouve près de"}},
            {Test::contains, {"contains", "contient"}},
            {Test::starts, {"begins with", "commence par"}},
            {Test::falls, {"falls", "tombe"}},
            {Test::eq, {"is", "est"}}}
    );
  }

  bool compare(Clause& c) {
    if (!test(c.test)) return false;
    switch (c.test) {
      case Test::exists:
        return true;
      case Test::falls:
        return calendar(c.calendar);
      case Test::near:
        if constexpr (reads) c.values.resize(3);
        for (Value& v : c.values) v.kind = ValueKind::number;
        return io_.raw("(") && io_.number(c.values[0].number) && io_.raw(",") &&
               io_.number(c.values[1].number) && io_.raw(")") &&
               io_.word({"within", "à moins de"}) && io_.number(c.values[2].number) &&
               io_.word({"metres", "mètres"});
      case Test::in:
        return list(c.values);
      default:
        if constexpr (reads) c.values.resize(1);
        return literal(c.values[0]);
    }
  }

  bool list(std::vector<Value>& values) {
    if (!io_.raw("(")) return false;
    if constexpr (!reads) {
      for (Value& v : values) {
        if (&v != &values[0]) io_.raw(",");
        literal(v);
      }
    } else {
      do {
        if (values.size() >= list_max || !literal(values.emplace_back())) return false;
      } while (io_.raw(","));
    }
    return io_.raw(")");
  }

  bool clauses(std::vector<Clause>& where) {
    const auto one = [&](Clause& c) {
      if (io_.maybe({"happening", "survenu"}, c.name.empty())) {
        c.test = Test::falls;
        return calendar(c.calendar);
      }
      return io_.word({"whose", "dont"}) && io_.text(c.name) && compare(c);
    };
    if constexpr (!reads) {
      return std::ranges::all_of(where, one);
    } else {
      while (where.size() < nodes_max) {
        const std::size_t here = io_.place();
        Clause c;
        if (!one(c)) {
          io_.back(here);
          break;
        }
        where.push_back(std::move(c));
      }
      return true;
    }
  }

  // Events.

  bool events(Named& named) { return io_.text(named.event) && clauses(named.where); }

  /// Of a reply and of a step in different words: either may stand behind the other.
  bool same(std::string& property, const Phrase2& phrase) {
    return !io_.maybe(phrase, !property.empty()) || io_.text(property);
  }

  bool selection(Selection& s) {
    if (!events(s)) return false;
    bool given = s.reply && s.reply->given;
    if constexpr (!reads) {
      if (!s.reply) return true;
    }
    if (!io_.one_of(
            given, {{true, {"answered by", "suivi en réponse de"}},
                    {false, {"left unanswered by", "laissé sans réponse par"}}}
        )) {
      return reads;
    }
    if constexpr (reads) s.reply.emplace();
    s.reply->given = given;
    return events(s.reply->by) && io_.word({"within", "en moins de"}) &&
           duration(s.reply->within) && same(s.reply->same, {"with the same", "avec le même"});
  }

  bool fold(Measure& m) {
    struct Kind {
      Fold fold = Fold::count;
      Per per = Per::event;
      bool operator==(const Kind&) const = default;
    };
    Kind kind{m.fold, m.per};
    const bool fits = io_.template one_of<Kind>(
        kind,
        {{{Fold::count, Per::day}, {"the number of days with", "le nombre de jours avec"}},
         {{Fold::count, Per::week}, {"the number of weeks with", "le nombre de semaines avec"}},
         {{Fold::count, Per::month}, {"the number of months with", "le nombre de mois avec"}},
         {{Fold::count, Per::session}, {"the number of sessions with", "le nombre de visites avec"}},
         {{Fold::distinct, Per::event}, {"the number of different", "le nombre de différents"}},
         {{Fold::sum, Per::event}, {"the sum of", "la somme de"}},
         {{Fold::average, Per::event}, {"the average of", "la moyenne de"}},
         {{Fold::min, Per::event}, {"the smallest", "le plus petit"}},
         {{Fold::max, Per::event}, {"the largest", "le plus grand"}},
         {{Fold::most, Per::event}, {"the repetitions of the most frequent", "les répétitions du plus fréquent"}},
         {{Fold::silence, Per::event}, {"the days since the last", "le nombre de jours depuis le dernier"}},
         {{Fold::count, Per::event}, {"the number of", "le nombre de"}},
         {{Fold::median_gap, Per::event}, {"the median days between", "la médiane des jours entre"}},
         {{Fold::average_gap, Per::event}, {"the average days between", "la moyenne des jours entre"}},
         {{Fold::longest_gap, Per::event}, {"the most days between", "le plus de jours entre"}},
         {{Fold::shortest_gap, Per::event}, {"the fewest days between", "le moins de jours entre"}},
         {{Fold::first, Per::event}, {"the first", "le premier"}},
         {{Fold::last, Per::event}, {"the last", "le dernier"}}}
    );
    m.fold = kind.fold;
    m.per = kind.per;
    return fits;
  }

  bool measure(Measure& m) {
    if (!fold(m)) return false;
    if (m.per != Per::event) {
      const bool several = m.least > 1;
      Decimal least = Decimal::whole(m.least);
      if (io_.maybe({"at least", "au moins"}, several)) {
        if (!io_.number(least) || least < Decimal::whole(1) || least > Decimal::whole(least_max))
          return false;
        m.least = static_cast<unsigned>(least.micro / 1'000'000);
      }
    }
    if (is_of_property(m.fold) && !(io_.text(m.property) && io_.word({"of", "de"}))) return false;
    return selection(m.select) && window(m.window);
  }

  bool order(Test& t) { return test(t) && t <= Test::ge; }

  bool rule(Folded& is) { return measure(is.measure) && compare(is.compare); }
  /// Unless it is 1.
  void times(Decimal& of) {
    const std::size_t here = io_.place();
    Decimal factor = of;
    if constexpr (!reads) {
      if (of != Decimal::whole(1)) io_.number(factor) && io_.word({"times", "fois"});
    } else {
      if (io_.number(factor) && io_.word({"times", "fois"}))
        of = factor;
      else
        io_.back(here);
    }
  }
  bool rule(Compared& is) {
    if (!measure(is.left) || !order(is.test)) return false;
    times(is.factor);
    return measure(is.right);
  }
  bool rule(AgainstMedian& is) {
    if (!measure(is.measure) || !order(is.test)) return false;
    times(is.factor);
    return io_.word({"the median of the house", "la médiane de la maison"});
  }
  bool rule(Ranked& is) {
    return measure(is.measure) &&
           io_.one_of(
               is.top, {{true, {"is in the top share of", "est dans la part supérieure de"}},
                        {false, {"is in the bottom share of", "est dans la part inférieure de"}}}
           ) &&
           io_.number(is.percent) && io_.raw("%");
  }
  bool rule(Aged& is) {
    return io_.one_of(
               is.last, {{true, {"the last", "le dernier"}}, {false, {"the first", "le premier"}}}
           ) &&
           selection(is.select) && window(is.window) &&
           io_.word({"happened", "a eu lieu"}) && window(is.age, false);
  }

  bool step(Step& s) {
    if (!selection(s.then)) return false;
    if (io_.maybe({"no sooner than", "pas avant"}, s.after.has_value()) && !duration(s.after))
      return false;
    if (io_.maybe({"no later than", "pas au-delà de"}, s.within.has_value()) && !duration(s.within))
      return false;
    if (!same(s.same, {"for the same", "pour le même"})) return false;
    if (!io_.maybe({"with none of", "sans"}, s.without.has_value())) return true;
    if constexpr (reads) s.without.emplace();
    return selection(*s.without) && io_.word({"in between", "entre les deux"});
  }
  bool rule(Sequence& is) {
    if (!io_.one_of(
            is.from_first, {{true, {"the first", "le premier"}}, {false, {"some", "un"}}}
        ) ||
        !selection(is.select)) {
      return false;
    }
    if constexpr (!reads) {
      for (Step& s : is.steps) {
        io_.word({"was followed by", "a été suivi de"});
        step(s);
      }
    } else {
      while (io_.word({"was followed by", "a été suivi de"})) {
        if (is.steps.size() >= steps_max || !step(is.steps.emplace_back())) return false;
      }
      if (is.steps.empty()) return false;
    }
    const bool bounded = is.window != Window{};
    return !io_.maybe({"ending", "s'achevant"}, bounded) || window(is.window);
  }

  // Traits, permissions, the clock.

  bool rule(TraitTest& is) {
    return io_.word({"their", "son trait"}) && io_.text(is.clause.name) && compare(is.clause);
  }
  bool rule(TraitDate& is) {
    if (!io_.word({"their", "son trait"}) || !io_.text(is.name) ||
        !io_.one_of(
            is.test, {{DateTest::before, {"comes before", "vient avant"}},
                      {DateTest::after, {"comes after", "vient après"}},
                      {DateTest::past, {"lies in the last", "remonte aux derniers"}},
                      {DateTest::coming, {"lies in the next", "arrive dans les prochains"}}}
        )) {
      return false;
    }
    if (is.test == DateTest::past || is.test == DateTest::coming) return duration(is.offset);
    if (io_.maybe({"now", "maintenant"}, !is.absolute && is.offset == Duration(0))) return true;
    const std::size_t here = io_.place();
    if constexpr (!reads) {
      if (is.absolute) return instant(is.absolute);
    } else {
      if (instant(is.absolute)) return true;
      io_.back(here);
    }
    bool ago = is.offset < Duration(0);
    Duration span = std::chrono::abs(is.offset);
    if (!duration(span) || !io_.one_of(
                               ago, {{true, {"ago", "plus tôt"}},
                                     {false, {"from now", "plus tard"}}}
                           )) {
      return false;
    }
    is.offset = ago ? -span : span;
    return true;
  }
  bool rule(Still& is) {
    if constexpr (reads) is.of.resize(1);
    if (!io_.word({"still", "encore"})) return false;
    if (io_.maybe({"on", "le"}, is.at.has_value())) {
      if (!instant(is.at)) return false;
    } else if (!io_.word({"in", "dans"}) || !duration(is.ahead)) {
      return false;
    }
    return group(is.of[0]);
  }
  bool rule(CalendarNow& is) {
    return io_.word({"their clock falls", "son horloge tombe"}) && calendar(is.calendar);
  }
  bool rule(Permission& is) {
    if (!io_.word({"the permission", "la permission"}) || !io_.text(is.purpose) ||
        !io_.one_of(
            is.said, {{Said::given, {"is given", "est donnée"}},
                      {Said::refused, {"is refused", "est refusée"}},
                      {Said::withdrawn, {"is withdrawn", "est retirée"}},
                      {Said::objected, {"is objected to", "fait l'objet d'une opposition"}},
                      {Said::against, {"is denied", "est contraire"}},
                      {Said::unset, {"is unset", "n'a pas de réponse"}},
                      {Said::ends, {"ends within", "prend fin dans"}}}
        )) {
      return false;
    }
    if (is.said == Said::ends) return duration(is.within);
    return window(is.since);
  }

  Io& io_;
  unsigned depth_ = 0;
};

}  // namespace

std::string to_sentence(const Node& node, Language language) {
  SentenceWriter writer(language);
  Node copy = node;
  Grammar<SentenceWriter>(writer).either(copy);
  std::string out = writer.take();
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out + ".";
}

Parsed<Node> parse_sentence(std::string_view sentence, Language language) {
  const auto wrong = [&](std::size_t at, std::string message) {
    const Place place{1, static_cast<std::uint32_t>(at + 1), 1};
    return std::unexpected(Mistake{place, std::move(message), std::string(sentence.substr(0, 400))});
  };
  if (sentence.size() > source_bytes_max) return wrong(0, "this sentence is too long");
  SentenceReader reader(sentence, language);
  Node out;
  if (!Grammar<SentenceReader>(reader).either(out) || !reader.at_end()) {
    const std::size_t at = std::min(reader.furthest(), sentence.size());
    return wrong(at, fmt::format("not understood from here: {}", sentence.substr(at, 40)));
  }
  if (auto mistake = validate(out)) return wrong(0, mistake->message);
  return out;
}

}  // namespace hospes::segment
