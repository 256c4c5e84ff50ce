#include "portal/past.h"

#include <algorithm>

#include "portal/body.h"
#include "portal/house_file.h"
#include "portal/json.h"
#include "http/message.h"

namespace hospes::portal {
namespace {

// past = line*
// line = {"at":time,"id":text,"by":text,"text":text} LF

std::string line_of(const Version& v) {
  return Object().text("at", to_string(v.at)).text("id", v.id).text("by", v.by).text("text", v.text).done() + "\n";
}

std::optional<Version> version_in(std::string_view line) {
  std::string padded(line);
  padded.reserve(padded.size() + http::body_padding);
  const auto fields = read_object(padded);
  if (!fields) return std::nullopt;
  Version out;
  for (const Field& field : *fields) {
    if (field.name == "at") out.at = parse_instant(field.value).value_or(Instant{});
    if (field.name == "id") out.id = field.value;
    if (field.name == "by") out.by = field.value;
    if (field.name == "text") out.text = field.value;
  }
  return out.id.empty() ? std::nullopt : std::optional(std::move(out));
}

Result<std::string> text_in(disk::Disk& folder) {
  auto read = disk::read_all(folder, std::string(past_file), 2 * past_bytes_max);
  if (!read && read.error().code == Code::not_found) return std::string();
  return read;
}

std::vector<Version> all_of(std::string_view text, std::string_view id) {
  std::vector<Version> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto one = version_in(text.substr(0, end)); one && one->id == id) out.push_back(std::move(*one));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace

Result<std::vector<Version>> versions_of(disk::Disk& folder, std::string_view id) {
  auto out = all_of(TRY(text_in(folder)), id);
  if (out.size() > versions_max) out.resize(versions_max);
  return out;
}

Status remember(disk::Disk& folder, const Version& version, std::string_view before) {
  std::string text = TRY(text_in(folder));
  if (text.size() > past_bytes_max) {
    const std::size_t half = text.find('\n', text.size() / 2);
    text.erase(0, half == text.npos ? text.size() : half + 1);
  }
  const auto known = all_of(text, version.id);
  if (!before.empty() && (known.empty() || known.front().text != before))
    text += line_of({version.at, version.id, "file", std::string(before)});
  text += line_of(version);
  return write_house_file(folder, past_file, text);
}

}  // namespace hospes::portal
