// With ndjson.cc the only file of the room that knows simdjson.
#include "intake/takeaway.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <map>

#include "base/json_text.h"
#include "base/time.h"
#include "intake/text_file.h"
#include "zip/zip.h"

namespace hospes::intake {
namespace {

constexpr std::string_view format_name = "hospes takeaway 1", list_name = "manifest.json", lines_name = "portable.ndjson";

std::unexpected<Error> no_takeaway(std::string_view name, std::string_view why) {
  return fail(Code::invalid_input, fmt::format("{} {}", name, why));
}

/// What the zip's list says of itself.
struct Told {
  std::string house;
  Instant made;
  std::map<std::string, std::string, std::less<>> sha256;  // by file
};

Result<Told> read_list(std::string_view name, const std::string& json) {
  const auto strange = [&] {
    return no_takeaway(name, fmt::format("is no takeaway: its manifest.json does not say \"{}\"", format_name));
  };
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view format, house, made;
  simdjson::dom::array files;
  if (parser.parse(simdjson::padded_string(json)).get(root) != simdjson::SUCCESS ||
      root["format"].get(format) != simdjson::SUCCESS || format != format_name ||
      root["house"].get(house) != simdjson::SUCCESS || root["made"].get(made) != simdjson::SUCCESS ||
      root["files"].get(files) != simdjson::SUCCESS)
    return strange();
  const auto at = parse_instant(made);
  if (!at || house.empty()) return strange();
  Told out{.house = std::string(house), .made = *at, .sha256 = {}};
  for (const simdjson::dom::element file : files) {
    std::string_view of, digest;
    if (file["name"].get(of) != simdjson::SUCCESS || file["sha256"].get(digest) != simdjson::SUCCESS) return strange();
    out.sha256.emplace(of, digest);
  }
  return out;
}

Result<std::string> bytes_of(const std::string& path) {
  TextFile file = TRY(TextFile::open(path));
  std::string out;
  while (TRY(file.read(out)) > 0)
    if (out.size() > takeaway_bytes_max) return fail(Code::over_limit, path + " is larger than 1 GB");
  return out;
}

/// The day on which the earliest of it happened.
std::string first_day(std::string_view lines, Instant made) {
  Instant first = made;
  for (const std::string_view key : {std::string_view("\"timestamp\":\""), std::string_view("\"happened\":\"")}) {
    for (auto at = lines.find(key); at != lines.npos; at = lines.find(key, at + 1)) {
      const auto from = at + key.size();
      if (const auto when = parse_instant(lines.substr(from, lines.find('"', from) - from))) first = std::min(first, *when);
    }
  }
  return to_string(first).substr(0, 10);
}

}  // namespace

Result<Takeaway> read_takeaway(const std::string& path, std::string_view name) {
  const std::string bytes = TRY(bytes_of(path));
  const auto files = zip::read_stored(bytes);
  if (!files)
    return no_takeaway(
        name, "is a zip that no guest took away as it is (" + files.error().message + "); unpack it, or save the sheet as CSV in UTF-8"
    );
  const auto list = std::ranges::find(*files, list_name, &zip::File::name);
  if (list == files->end()) return no_takeaway(
        name, "is no takeaway: there is no manifest.json in it; unpack another zip, or save the sheet as CSV in UTF-8"
    );
  const Told told = TRY(read_list(name, list->bytes));
  for (const zip::File& file : *files) {
    if (file.name == list_name) continue;
    const auto said = told.sha256.find(file.name);
    if (said == told.sha256.end() || said->second != sha256(file.bytes))
      return no_takeaway(name, fmt::format("is not as it was taken: {} is not what its manifest.json says", file.name));
  }
  const auto lines = std::ranges::find(*files, lines_name, &zip::File::name);
  if (lines == files->end()) return no_takeaway(name, "holds no portable.ndjson: an older hospes made it; take it anew");
  const std::string whole = TRY(sha256_of_file(path));
  return Takeaway{
      .house = told.house,
      .lines = lines->bytes,
      .manifest = fmt::format(
          "collected_by = {}\ncollected_from = {}\ncollected_until = {}\nmethod = \"taken\"\n"
          "how = {}\npermission = \"consent\"\nnotice = \"GDPR art. 20\"\n[[file]]\nname = {}\nsha256 = \"{}\"\n",
          json_text(told.house), first_day(lines->bytes, told.made), to_string(told.made).substr(0, 10),
          json_text("taken away by the person themselves from " + told.house + " on " + to_string(told.made)),
          json_text(name), whole
      )};
}

}  // namespace hospes::intake
