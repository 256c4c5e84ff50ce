// tee.toml. toml++ throws; nothing it throws leaves here.
#include "catalog/tees.h"

#include <algorithm>

#include "catalog/toml_values.h"

namespace hospes::catalog {
namespace {

Status read_url(const Place& place, std::string& out) {
  TRY(read(place, "url", out));
  const bool scheme = out.starts_with("https://") || out.starts_with("http://");
  const bool plain = std::ranges::all_of(out, [](char c) { return c > ' ' && c < 127 && c != '@'; });
  if (scheme && plain && out.size() <= 2'000 && !out.ends_with("//")) return {};
  return wrong_at(
      place, "url",
      "url in " + place.what +
          " is where the old pipeline takes batches, such as https://old.example/v1/batch (http:// only for "
          "an address that [act] allow lists)"
  );
}

Result<Tee> read_tee(const Place& place, const Purposes& purposes, const Sources& sources) {
  TRY(only_keys(place, {"name", "source", "url", "key_file", "purpose", "connections"}));
  Tee out;
  std::string purpose;
  TRY(read_name(place, out.name));
  TRY(read(place, "source", out.source));
  TRY(read_url(place, out.url));
  TRY(read(place, "key_file", out.key_file));
  TRY(read(place, "purpose", purpose));
  TRY(read_count(place, "connections", 1, 64, out.connections));
  TRY(placed(place, sources.named(out.source)));
  if (out.key_file.empty() || out.key_file.find('/') != out.key_file.npos)
    return wrong_at(
        place, "key_file", "key_file in " + place.what + " is a file beside tee.toml that holds their write key"
    );
  out.purpose = TRY(placed(place, purposes.named(purpose)));
  return out;
}

}  // namespace

Result<Tees> read_tees(std::string_view text, const Purposes& purposes, const Sources& sources) {
  const toml::table root = TRY(parse_toml(text, tees_file));
  const Place whole{root, tees_file, std::string(tees_file)};
  TRY(only_keys(whole, {"tee"}));
  Tees out;
  for (const toml::table* table : TRY(sub_tables(whole, "tee"))) {
    const Place place{*table, tees_file, "[[tee]]"};
    Tee tee = TRY(read_tee(place, purposes, sources));
    if (std::ranges::find(out.rows, tee.name, &Tee::name) != out.rows.end())
      return wrong_at(place, "name", "there are two tees named \"" + tee.name + "\"");
    if (out.rows.size() >= Tees::tees_max) return fail(Code::over_limit, "tee.toml has eight tees at most");
    out.rows.push_back(std::move(tee));
  }
  return out;
}

}  // namespace hospes::catalog
