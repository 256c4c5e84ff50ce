#include "liquid/parse.h"

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "liquid/letters.h"

namespace hospes::liquid {
namespace {

// Expected values travel up; TRY makes an Error of them, and here it is a Fault. Never inside a list in
// braces: GCC 12 does not destroy what stands before it there when it returns.
#define GIVE(expression)                                             \
  ({                                                                 \
    auto give_result_ = (expression);                                \
    if (!give_result_) return std::unexpected(give_result_.error()); \
    std::move(give_result_).value();                                 \
  })

constexpr std::array<std::string_view, 20> tags{
    "if",     "unless", "case",      "for",       "tablerow", "assign",   "capture",
    "echo",   "cycle",  "increment", "decrement", "break",    "continue", "render",
    "liquid", "abort",  "comment",   "raw",       "partial",  "#"};

std::unexpected<Fault> fault(std::string message, std::size_t at) {
  return std::unexpected(Fault{std::move(message), at});
}

bool only_names(const Node& node);

bool all_blank(const If& i) {
  return std::ranges::all_of(i.branches, [](const If::Branch& b) { return is_blank(b.body); }) &&
         is_blank(i.otherwise);
}
bool all_blank(const Case& c) {
  return std::ranges::all_of(c.whens, [](const Case::When& w) { return is_blank(w.body); }) &&
         is_blank(c.otherwise);
}

bool only_names(const Node& node) {
  if (const auto* l = std::get_if<Literal>(&node.is)) return l->is_space;
  if (const auto* i = std::get_if<If>(&node.is)) return all_blank(*i);
  if (const auto* c = std::get_if<Case>(&node.is)) return all_blank(*c);
  if (const auto* f = std::get_if<For>(&node.is))
    return !f->table && is_blank(f->body) && is_blank(f->otherwise);
  return std::holds_alternative<Assign>(node.is) || std::holds_alternative<Capture>(node.is) ||
         std::holds_alternative<Jump>(node.is) || std::holds_alternative<Abort>(node.is);
}

/// In a block that only changes names, space is not written.
Nodes quiet(Nodes body) {
  if (is_blank(body))
    std::erase_if(body, [](const Node& n) { return std::holds_alternative<Literal>(n.is); });
  return body;
}

class Parser {
 public:
  Parser(std::vector<Piece> pieces, Wanted& wanted, std::size_t depth = 0, std::size_t loops = 0)
      : pieces_(std::move(pieces)), wanted_(wanted), depth_(depth), loops_(loops) {}

  /// To the first tag of `ends`, which is left; without any, to the end.
  Read<Nodes> body(std::initializer_list<std::string_view> ends, std::size_t opened_at) {
    if (++depth_ > Template::nesting_max) return fault("blocks are nested too deeply", opened_at);
    Nodes out;
    for (; next_ < pieces_.size();) {
      const Piece& piece = pieces_[next_];
      if (piece.kind == Piece::Kind::tag && std::ranges::find(ends, piece.name) != ends.end()) {
        --depth_;
        return out;
      }
      ++next_;
      GIVE(one(piece, out));
    }
    --depth_;
    if (ends.size() > 0)
      return fault(
          "this block is not closed by {% " + std::string(*(ends.end() - 1)) + " %}", opened_at
      );
    return out;
  }

 private:
  Read<void> one(const Piece& piece, Nodes& out) {
    switch (piece.kind) {
      case Piece::Kind::literal:
        out.push_back(
            {Literal{std::string(piece.text), std::ranges::all_of(piece.text, is_space)}, piece.at}
        );
        return {};
      case Piece::Kind::output:
        if (left_stripped(piece.text).empty()) return {};
        out.push_back({Output{GIVE(whole(piece))}, piece.at});
        return {};
      case Piece::Kind::tag:
        break;
    }
    if (piece.name == "liquid") return lines(piece, out);
    Node node{{}, piece.at};
    GIVE(tag(piece, node));
    out.push_back(std::move(node));
    return {};
  }

  Read<void> lines(const Piece& piece, Nodes& out) {
    Parser inner(GIVE(cut_lines(piece.text, piece.at)), wanted_, depth_, loops_);
    Nodes nodes = GIVE(inner.body({}, piece.at));
    std::ranges::move(nodes, std::back_inserter(out));
    return {};
  }

  Read<void> tag(const Piece& piece, Node& node) {
    using Reader = Read<void> (Parser::*)(const Piece&, Node&);
    struct Known {
      std::string_view name;
      Reader read;
    };
    static constexpr std::array<Known, 15> known{
        {{"if", &Parser::if_},
         {"unless", &Parser::if_},
         {"case", &Parser::case_},
         {"for", &Parser::for_},
         {"tablerow", &Parser::for_},
         {"assign", &Parser::assign},
         {"capture", &Parser::capture},
         {"echo", &Parser::echo},
         {"cycle", &Parser::cycle},
         {"increment", &Parser::counter},
         {"decrement", &Parser::counter},
         {"break", &Parser::jump},
         {"continue", &Parser::jump},
         {"render", &Parser::render},
         {"abort", &Parser::abort}}};
    for (const Known& k : known)
      if (piece.name == k.name || (piece.name == "partial" && k.name == "render"))
        return (this->*k.read)(piece, node);
    const std::size_t at = piece.at - std::min(piece.at, piece.name.size());
    if (piece.name.empty()) return fault("this tag has no name", piece.at);
    if (piece.name.starts_with("end") || piece.name == "else" || piece.name == "elsif" ||
        piece.name == "when")
      return fault("{% " + std::string(piece.name) + " %} closes or continues nothing here", at);
    if (piece.name == "include" || piece.name == "layout")
      return fault(
          "{% " + std::string(piece.name) +
              " %} is not supported: {% render \"name\", key: value %} gives a part the values it "
              "names",
          at
      );
    return fault(
        "there is no tag \"" + std::string(piece.name) + "\"" + nearest_hint(piece.name, tags), at
    );
  }

  static Read<Filtered> whole(const Piece& piece) {
    Words words = GIVE(Words::of(piece));
    Filtered out = GIVE(words.filtered());
    GIVE(words.end());
    return out;
  }

  Read<void> close(std::string_view name) {
    // body() stopped at it.
    Words words = GIVE(Words::of(pieces_[next_]));
    if (!words.ended())
      return fault("{% " + std::string(name) + " %} takes nothing", pieces_[next_].at);
    ++next_;
    return {};
  }

  Read<void> otherwise(std::string_view ending, std::size_t at, Nodes& out) {
    if (pieces_[next_].name == "else") {
      ++next_;
      out = GIVE(body({ending}, at));
    }
    return close(ending);
  }

  Read<void> if_(const Piece& piece, Node& node) {
    If out;
    const std::string_view ending = piece.name == "if" ? "endif" : "endunless";
    const Piece* branch = &piece;
    for (;;) {
      Words words = GIVE(Words::of(*branch));
      Condition condition = GIVE(words.condition());
      GIVE(words.end());
      const bool unless = branch->name == "unless";
      Nodes inside = GIVE(body({"elsif", "else", ending}, piece.at));
      out.branches.push_back({std::move(condition), unless, std::move(inside)});
      if (pieces_[next_].name != "elsif") break;
      branch = &pieces_[next_++];
    }
    GIVE(otherwise(ending, piece.at, out.otherwise));
    if (all_blank(out)) {
      for (If::Branch& b : out.branches) b.body = quiet(std::move(b.body));
      out.otherwise = quiet(std::move(out.otherwise));
    }
    node.is = std::move(out);
    return {};
  }

  Read<void> case_(const Piece& piece, Node& node) {
    Case out;
    Words words = GIVE(Words::of(piece));
    out.value = GIVE(words.expression());
    GIVE(words.end());
    GIVE(body({"when", "else", "endcase"}, piece.at)
    );  // what stands before the first when is dropped
    while (pieces_[next_].name == "when") {
      Words each = GIVE(Words::of(pieces_[next_++]));
      Case::When when;
      do when.values.push_back(GIVE(each.expression()));
      while (each.take(",") || each.take("or"));
      GIVE(each.end());
      when.body = GIVE(body({"when", "else", "endcase"}, piece.at));
      out.whens.push_back(std::move(when));
    }
    GIVE(otherwise("endcase", piece.at, out.otherwise));
    if (all_blank(out)) {
      for (Case::When& when : out.whens) when.body = quiet(std::move(when.body));
      out.otherwise = quiet(std::move(out.otherwise));
    }
    node.is = std::move(out);
    return {};
  }

  Read<void> for_(const Piece& piece, Node& node) {
    For out;
    out.table = piece.name == "tablerow";
    Words words = GIVE(Words::of(piece));
    out.name = GIVE(words.name("the loop's variable"));
    GIVE(words.expect("in"));
    const std::size_t from = words.here().at;
    out.in = GIVE(words.expression());
    out.key =
        out.name + "-" + std::string(piece.text.substr(from - piece.at, words.here().at - from));
    while (out.key.ends_with(' ')) out.key.pop_back();
    while (!words.ended()) {
      if (words.take(",")) continue;
      if (words.take("reversed")) {
        out.reversed = true;
        continue;
      }
      std::vector<Expression>* into = words.here().is("limit")               ? &out.limit
                                      : words.here().is("offset")            ? &out.offset
                                      : words.here().is("cols") && out.table ? &out.cols
                                                                             : nullptr;
      if (into == nullptr)
        return fault(
            "\"" + std::string(words.here().text) +
                "\" is none of limit, offset and reversed (in a tablerow also cols)",
            words.here().at
        );
      const bool offset = into == &out.offset;
      words.take(words.here().text);
      GIVE(words.expect(":"));
      if (offset && words.take("continue")) {
        out.goes_on = true;
        continue;
      }
      *into = {GIVE(words.expression())};
    }
    const std::string_view ending = out.table ? "endtablerow" : "endfor";
    ++loops_;
    if (out.table) {
      out.body = GIVE(body({ending}, piece.at));
    } else {
      out.body = GIVE(body({"else", ending}, piece.at));
    }
    --loops_;
    GIVE(otherwise(ending, piece.at, out.otherwise));
    if (!out.table && is_blank(out.body) && is_blank(out.otherwise)) {
      out.body = quiet(std::move(out.body));
      out.otherwise = quiet(std::move(out.otherwise));
    }
    node.is = std::move(out);
    return {};
  }

  Read<void> assign(const Piece& piece, Node& node) {
    Words words = GIVE(Words::of(piece));
    std::string name = GIVE(words.name("a variable"));
    GIVE(words.expect("="));
    Filtered value = GIVE(words.filtered());
    node.is = Assign{std::move(name), std::move(value)};
    return words.end();
  }

  Read<void> capture(const Piece& piece, Node& node) {
    Words words = GIVE(Words::of(piece));
    std::string name;
    if (words.here().kind == Word::Kind::text) {
      name = words.here().text;
    } else {
      name = GIVE(words.name("a variable"));
      GIVE(words.end());
    }
    Nodes inside = GIVE(body({"endcapture"}, piece.at));
    GIVE(close("endcapture"));
    node.is = Capture{std::move(name), std::move(inside)};
    return {};
  }

  Read<void> echo(const Piece& piece, Node& node) {
    node.is = Output{GIVE(whole(piece))};
    return {};
  }

  Read<void> abort(const Piece& piece, Node& node) {
    if (left_stripped(piece.text).empty())
      return fault("{% abort \"reason\" %} needs the reason that is shown", piece.at);
    node.is = Abort{GIVE(whole(piece))};
    return {};
  }

  Read<void> cycle(const Piece& piece, Node& node) {
    Cycle out;
    out.key = left_stripped(right_stripped(piece.text));
    Words words = GIVE(Words::of(piece));
    out.values.push_back(GIVE(words.expression()));
    if (words.take(":")) {
      out.group = std::move(out.values);
      out.values = {GIVE(words.expression())};
    }
    while (words.take(",")) out.values.push_back(GIVE(words.expression()));
    GIVE(words.end());
    node.is = std::move(out);
    return {};
  }

  Read<void> counter(const Piece& piece, Node& node) {
    Words words = GIVE(Words::of(piece));
    node.is = Counter{GIVE(words.name("a counter")), piece.name == "increment" ? 1 : -1};
    return words.end();
  }

  Read<void> jump(const Piece& piece, Node& node) {
    if (loops_ == 0)
      return fault("{% " + std::string(piece.name) + " %} belongs inside a loop", piece.at);
    node.is = Jump{piece.name == "break"};
    return GIVE(Words::of(piece)).end();
  }

  Read<void> render(const Piece& piece, Node& node) {
    Render out;
    Words words = GIVE(Words::of(piece));
    if (words.here().kind != Word::Kind::text)
      return fault("{% render %} needs the part's name in quotes", words.here().at);
    const std::size_t at = words.here().at;
    out.name = words.here().text;
    GIVE(words.expression());
    if (words.here().is("with") || words.here().is("for")) {
      out.each = words.here().is("for");
      words.take(words.here().text);
      out.with = {GIVE(words.expression())};
      if (words.take("as")) out.as = GIVE(words.name("a variable"));
    }
    while (!words.ended()) {
      if (words.take(",")) continue;
      std::string name = GIVE(words.name("an argument"));
      GIVE(words.expect(":"));
      out.arguments.emplace_back(std::move(name), GIVE(words.expression()));
    }
    if (out.as.empty()) out.as = out.name.substr(out.name.rfind('/') + 1);
    wanted_.emplace_back(out.name, at);
    node.is = std::move(out);
    return {};
  }

  std::vector<Piece> pieces_;
  Wanted& wanted_;
  std::size_t next_ = 0, depth_, loops_;
};

}  // namespace

bool is_blank(const Nodes& nodes) { return std::ranges::all_of(nodes, only_names); }

Read<Nodes> parse(std::string_view source, Wanted& wanted) {
  Parser parser(GIVE(cut(source)), wanted);
  return parser.body({}, 0);
}

}  // namespace hospes::liquid
