#include "tee/tee.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catalog/tees.h"
#include "portal/json.h"
#include "tee/stream.h"

namespace hospes::tee {
namespace {

Result<std::string> text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() && std::filesystem::exists(path)) return fail(Code::unavailable, "cannot read " + path.string());
  return text;
}

Result<std::string> key_of(const catalog::Tee& tee, const std::string& folder) {
  std::ifstream in(std::filesystem::path(folder) / tee.key_file);
  std::string key(std::istreambuf_iterator<char>(in), {});
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r' || key.back() == ' ')) key.pop_back();
  const bool plain = std::ranges::all_of(key, [](char c) { return c > ' ' && c < 127; });
  if (in.is_open() && plain && !key.empty() && key.size() <= 512) return key;
  return fail(
      Code::unavailable, "tee \"" + tee.name + "\" in tee.toml: " + tee.key_file +
                             " is a file beside it that holds their write key and nothing else"
  );
}

}  // namespace

Result<std::unique_ptr<Tees>> Tees::open(Doors doors, Options options, activate::Allowed allowed) {
  std::unique_ptr<Tees> tees(new Tees(doors, std::move(allowed)));
  const auto text = TRY(text_of(std::filesystem::path(options.house_folder) / catalog::tees_file));
  const auto rows = TRY(catalog::read_tees(text, doors.catalog.purposes, doors.catalog.sources)).rows;
  for (const catalog::Tee& row : rows) {
    std::string key = TRY(key_of(row, options.house_folder));
    auto stream = std::make_unique<Stream>(doors, options, tees->allowed_, row, std::move(key));
    TRY(stream->read_cursor());
    tees->streams_.push_back(std::move(stream));
  }
  return tees;
}

Tees::Tees(Doors doors, activate::Allowed allowed) : doors_(doors), allowed_(std::move(allowed)) {}

Tees::~Tees() { close(); }

void Tees::begin(node::Node& node) {
  for (const auto& stream : streams_) stream->begin(node);
}

void Tees::close() {
  for (const auto& stream : streams_) stream->close();
}

Position Tees::kept_after() const {
  Position out = nowhere_yet;
  for (const auto& stream : streams_) out = std::min(out, stream->kept_after());
  return out;
}

std::string Tees::told() const {
  portal::List out;
  for (const auto& stream : streams_) out.add(stream->told());
  return out.done();
}

}  // namespace hospes::tee
