#include "lake/manifest.h"

#include <fmt/format.h>

#include <charconv>

#include "base/hash.h"

namespace hospes::lake {
namespace {

constexpr std::string_view head = "hospes lake 1";
constexpr std::size_t folder_bytes_max = 200;  // below the 255 of a file system, with what stands before it

std::string percent(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-_.").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

std::string unpercent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* at = text.data() + i;
    const bool code = *at == '%' && i + 2 < text.size() && std::from_chars(at + 1, at + 3, byte, 16).ptr == at + 3;
    out += code ? static_cast<char>(byte) : *at;
    if (code) i += 2;
  }
  return out;
}

/// The words of one line, taken from the front.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}
  std::string_view text() {
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(std::min(rest_.size(), word.size() + 1));
    good_ = good_ && !word.empty();
    return word;
  }
  template <class Number>
  Number number() {
    const std::string_view word = text();
    Number out{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
    good_ = good_ && error == std::errc() && end == word.data() + word.size();
    return out;
  }
  Position position() {
    const auto epoch = number<std::uint32_t>();
    return {epoch, number<std::uint64_t>()};
  }
  bool good() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

File file_of(Words& words) {
  File out;
  out.table = words.text();
  out.day = words.text();
  out.event = unpercent(words.text());
  out.from = words.position();
  out.upto = {out.from.epoch, words.number<std::uint64_t>()};
  out.tier = words.number<unsigned>();
  out.generation = words.number<unsigned>();
  out.rows = words.number<std::uint64_t>();
  out.bytes = words.number<std::uint64_t>();
  return out;
}

bool take(std::string_view line, Manifest& out) {
  Words words(line);
  const std::string_view kind = words.text();
  if (kind == "written") {
    out.written = words.position();
  } else if (kind == "planned") {
    out.planned = words.position();
  } else if (kind == "gap") {
    const Position from = words.position();
    out.gaps.emplace_back(from, Position{from.epoch, words.number<std::uint64_t>()});
  } else if (kind == "swept") {
    out.swept = {words.number<std::int64_t>()};
  } else if (kind == "file") {
    out.files.push_back(file_of(words));
  } else {
    return false;
  }
  return words.good();
}

}  // namespace

std::string folder_text(std::string_view name) {
  std::string out = percent(name);
  return out.size() <= folder_bytes_max ? out : "~" + to_hex(hash128(name));
}

std::string File::folder() const { return fmt::format("{}/day={}/event={}", table, day, folder_text(event)); }

std::string File::path() const {
  const std::string again = generation == 0 ? "" : fmt::format(".r{}", generation);
  return fmt::format("{}/{}-{}-{}{}.parquet", folder(), from.epoch, from.offset, upto.offset, again);
}

std::string to_text(const Manifest& m) {
  std::string out = fmt::format("{}\nwritten {} {}\n", head, m.written.epoch, m.written.offset);
  if (m.planned) out += fmt::format("planned {} {}\n", m.planned->epoch, m.planned->offset);
  for (const auto& [from, upto] : m.gaps) out += fmt::format("gap {} {} {}\n", from.epoch, from.offset, upto.offset);
  if (m.swept != Instant::beginning()) out += fmt::format("swept {}\n", m.swept.us);
  for (const File& f : m.files)
    out += fmt::format(
        "file {} {} {} {} {} {} {} {} {} {}\n", f.table, f.day, percent(f.event), f.from.epoch, f.from.offset,
        f.upto.offset, f.tier, f.generation, f.rows, f.bytes
    );
  return out += fmt::format("end {}\n", m.files.size());
}

Result<Manifest> read_manifest(std::string_view text) {
  Manifest out;
  std::size_t number = 0;
  const auto wrong = [&](std::string_view what) {
    return fail(Code::corrupt, fmt::format("the lake's manifest, line {}: {}", number, what));
  };
  for (bool ended = false; !text.empty();) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    ++number;
    if (ended) return wrong("goes on after its end");
    if (number == 1) {
      if (line != head) return wrong("is of another version");
    } else if (line.starts_with("end ")) {
      ended = true;
      if (line.substr(4) != std::to_string(out.files.size())) return wrong("files are missing");
      if (text.empty()) return out;
    } else if (!take(line, out)) {
      return wrong("does not say what it must");
    }
  }
  return wrong("it has no end");
}

}  // namespace hospes::lake
