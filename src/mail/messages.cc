#include "mail/messages.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/nearest.h"

namespace hospes::mail {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> headers{"subject", "from", "reply-to", "kind"};
constexpr std::string_view text_mark = "--- text";

std::string_view stripped(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

/// The lines of one file, counted.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line = rest_.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    return true;
  }
  std::size_t number() const { return number_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;  // of the line read last
};

std::unexpected<Error> wrong(std::string_view file, std::size_t line, const std::string& what) {
  return fail(
      Code::invalid_input,
      "messages/" + std::string(file) + ":" + std::to_string(line) + "  " + what
  );
}

struct Head {
  std::string subject;
  std::size_t subject_line = 0;
};

Status read_header(
    std::string_view file, std::size_t number, std::string_view line, Head& head, HouseMessage& out
) {
  const std::size_t colon = line.find(':');
  const std::string_view name = stripped(line.substr(0, colon));
  if (colon == line.npos)
    return wrong(file, number, "a header is \"name: value\"; the headers end with a line ---");
  const std::string_view value = stripped(line.substr(colon + 1));
  if (name == "subject") {
    head = {std::string(value), number};
  } else if (name == "from") {
    auto from = parse_mailbox(value);
    if (!from) return wrong(file, number, from.error().message);
    out.from = std::move(*from);
  } else if (name == "reply-to") {
    auto address = checked_address(value);
    if (!address) return wrong(file, number, address.error().message);
    out.reply_to = std::move(*address);
  } else if (name == "kind") {
    if (value != "marketing" && value != "service")
      return wrong(file, number, "kind is marketing or service");
    out.kind = value == "service" ? Kind::service : Kind::marketing;
  } else {
    return wrong(
        file, number,
        "there is no header \"" + std::string(name) + "\"" + nearest_hint(name, headers)
    );
  }
  return {};
}

/// Where the text part begins; npos: there is none.
std::size_t find_text(std::string_view body) {
  for (std::size_t at = body.find(text_mark); at != body.npos; at = body.find(text_mark, at + 1)) {
    const std::size_t after = at + text_mark.size();
    const bool alone = (at == 0 || body[at - 1] == '\n') &&
                       (after == body.size() || body[after] == '\n' || body[after] == '\r');
    if (alone) return at;
  }
  return body.npos;
}

std::optional<std::string> text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

std::vector<std::string> HouseMessage::reads() const {
  std::set<std::string> out(subject.reads().begin(), subject.reads().end());
  for (const auto* part : {&html, &text})
    if (*part) out.insert((*part)->reads().begin(), (*part)->reads().end());
  return {out.begin(), out.end()};
}

Result<std::variant<Rendered, Aborted>> HouseMessage::render(
    const liquid::Object& names, liquid::Setting setting
) const {
  using Out = std::variant<Rendered, Aborted>;
  setting.language = language;
  Rendered out;
  const auto one = [&](const liquid::Template& part, bool escape,
                       std::string& into) -> Result<bool> {
    setting.escape = escape;
    auto made = part.render(names, setting);
    if (!made) return std::unexpected(made.error());
    into = made->aborted ? *made->aborted : made->text;
    return !made->aborted;
  };
  if (!TRY(one(subject, false, out.subject))) return Out(Aborted{out.subject});
  if (html && !TRY(one(*html, true, out.html))) return Out(Aborted{out.html});
  if (text && !TRY(one(*text, false, out.text))) return Out(Aborted{out.text});
  return Out(std::move(out));
}

std::string HouseMessage::written() const {
  std::string out = source;
  for (const MessagePart& part : parts) out.append("\n").append(part.name).append("\n").append(part.source);
  return out;
}

Result<HouseMessage> Messages::parse(
    std::string_view file, std::string_view text, const liquid::Partials& folder
) {
  HouseMessage out;
  out.source = text;
  const liquid::Partials parts = [&](std::string_view name) {
    std::optional<std::string> found = folder ? folder(name) : std::nullopt;
    if (found && std::ranges::find(out.parts, name, &MessagePart::name) == out.parts.end())
      out.parts.push_back({std::string(name), *found});
    return found;
  };
  const std::size_t ending = file.rfind(".liquid"), dot = file.rfind('.', ending - 1);
  const std::string_view language =
      ending == file.npos || dot == file.npos ? "" : file.substr(dot + 1, ending - dot - 1);
  if (language != "fr" && language != "en")
    return wrong(file, 1, "a message is named NAME.fr.liquid or NAME.en.liquid");
  out.name = file.substr(0, dot);
  out.language = language == "fr" ? liquid::Language::fr : liquid::Language::en;
  Lines lines(text);
  std::string_view line;
  if (!lines.next(line) || stripped(line) != "---")
    return wrong(file, 1, "a message begins with its headers, between two lines of ---");
  Head head;
  for (;;) {
    if (!lines.next(line)) return wrong(file, lines.number(), "the headers end with a line ---");
    if (stripped(line) == "---") break;
    if (!stripped(line).empty()) TRY(read_header(file, lines.number(), line, head, out));
  }
  if (head.subject.empty()) return wrong(file, 1, "a message needs a subject");
  const std::string path = "messages/" + std::string(file);
  out.subject = TRY(liquid::Template::compile(head.subject, path, parts, head.subject_line));
  const std::string_view body = lines.rest();
  const std::size_t mark = find_text(body);
  const std::string_view html = body.substr(0, mark);
  const auto first = lines.number() + 1;
  if (!stripped(html).empty() && html.find_first_not_of(" \t\r\n") != html.npos)
    out.html = TRY(liquid::Template::compile(html, path, parts, first));
  if (mark != body.npos) {
    const std::size_t from = std::min(body.find('\n', mark), body.size() - 1) + 1;
    const auto before = static_cast<std::size_t>(std::ranges::count(body.substr(0, from), '\n'));
    out.text = TRY(liquid::Template::compile(body.substr(from), path, parts, first + before));
  }
  if (!out.html && !out.text) return wrong(file, first, "a message needs a body");
  return out;
}

Result<Messages> Messages::read(const std::string& house_folder) {
  const fs::path folder = fs::path(house_folder) / "messages";
  const liquid::Partials parts = [folder](std::string_view name) -> std::optional<std::string> {
    if (name.contains('/') || name.contains('\\') || name.starts_with('.')) return std::nullopt;
    return text_of(folder / "parts" / (std::string(name) + ".liquid"));
  };
  Messages out;
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".liquid") continue;
    if (files.size() >= files_max)
      return fail(Code::over_limit, folder.string() + " holds over 1,000 messages");
    files.push_back(at->path());
  }
  for (const fs::path& path : files) {
    const auto text = text_of(path);
    if (!text) return fail(Code::unavailable, "cannot read " + path.string());
    out.all_.push_back(TRY(parse(path.filename().string(), *text, parts)));
  }
  std::ranges::sort(out.all_, {}, [](const HouseMessage& m) {
    return std::pair(m.name, m.language == liquid::Language::en);
  });
  return out;
}

const HouseMessage* Messages::find(std::string_view name, liquid::Language language) const {
  const HouseMessage* first = nullptr;
  for (const HouseMessage& m : all_) {
    if (m.name != name) continue;
    if (m.language == language) return &m;
    if (first == nullptr) first = &m;
  }
  return first;
}

std::vector<std::string> Messages::names() const {
  std::vector<std::string> out;
  for (const HouseMessage& m : all_)
    if (out.empty() || out.back() != m.name) out.push_back(m.name);
  return out;
}

}  // namespace hospes::mail
