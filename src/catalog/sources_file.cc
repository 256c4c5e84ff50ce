#include "catalog/sources_file.h"

#include <algorithm>
#include <functional>

#include "catalog/sources_toml.h"
#include "catalog/toml_edit.h"

namespace hospes::catalog {
namespace {

// ---- values as TOML writes them

template <class Names>
std::string names_of(const Names& names) {
  return toml_list({names.begin(), names.end()});
}

std::string purposes_of(Mask mask, const Purposes& purposes) {
  return names_of(purposes.names(mask));
}

std::string scopes_of(Scopes held) {
  std::vector<std::string> names;
  for (const Scope scope : scopes)
    if ((held & scope_bit(scope)) != 0) names.emplace_back(to_string(scope));
  return toml_list(names);
}

std::string key_block(const WriteKey& key) {
  std::string out = "[[source.key]]\nsha256 = " + toml_text(to_hex(key.hash)) +
                    "\nuse = " + toml_text(to_string(key.use)) + "\nlabel = " + toml_text(key.label) + "\n";
  if (!key.enabled) out += "enabled = false\n";
  if (key.use == KeyUse::server_key && key.scopes != every_scope)
    out += "scopes = " + scopes_of(key.scopes) + "\n";
  if (key.until != Instant::never()) out += "until = " + toml_text(to_string(key.until)) + "\n";
  return out;
}

std::string source_block(const Source& source, const Purposes& purposes) {
  std::string out = "[[source]]\nname = " + toml_text(source.name) + "\n";
  if (!source.enabled) out += "enabled = false\n";
  if (source.simulated) out += "simulated = true\n";
  if (!source.origins.empty()) out += "origins = " + toml_list(source.origins) + "\n";
  if (source.without_answer != 0)
    out += "without_answer = " + purposes_of(source.without_answer, purposes) + "\n";
  if (source.events_per_s_max != Source().events_per_s_max)
    out += "events_per_s_max = " + std::to_string(source.events_per_s_max) + "\n";
  if (source.mode != CatalogueMode::learn)
    out += "catalogue = " + toml_text(to_string(source.mode)) + "\n";
  for (const WriteKey& key : source.keys) out += key_block(key);
  if (!source.categories.empty()) out += "[source.categories]\n";
  for (const auto& [name, mask] : source.categories)
    out += toml_text(name) + " = " + purposes_of(mask, purposes) + "\n";
  if (const auto& tool = source.trusted) {
    out += "[source.trusted]\ntool = " + toml_text(tool->name) + "\nnotice = " + toml_text(tool->notice_id) +
           "\nversion = " + toml_text(tool->notice_version) + "\n";
    if (!tool->notice_lang.empty()) out += "lang = " + toml_text(tool->notice_lang) + "\n";
  }
  if (const auto& cookie = source.id_cookie) {
    out += "[source.id_cookie]\nname = " + toml_text(cookie->name) + "\ndomain = " + toml_text(cookie->domain) +
           "\npurpose = " + toml_text(purposes.at(cookie->purpose).name) + "\ndays = " + std::to_string(cookie->days) + "\n";
  }
  return out;
}

// ---- places in a text

Result<toml::table> parsed(std::string_view text) {
  if (text.size() > sources_bytes_max) return fail(Code::over_limit, "sources.toml is over 4 MB");
  return parse_toml(text, sources_file);
}

/// Where a block is put so that it is the last of that source: before the comment above the next.
std::size_t end_of(std::string_view text, const toml::array& all, std::string_view name) {
  std::size_t next = text.size();
  for (std::size_t i = 0; i + 1 < all.size(); ++i)
    if (all[i].is_table() && (*all[i].as_table())["name"] == name)
      next = line_at(text, all[i + 1].source().begin.line);
  while (next > 0 && next < text.size()) {
    const std::size_t above = next < 2 ? 0 : text.rfind('\n', next - 2) + 1;
    const std::string_view line = text.substr(above, next - above);
    if (line.find_first_not_of(" \t\r\n") != line.npos && !line.starts_with('#')) break;
    next = above;
  }
  return next;
}

using Edit = std::function<std::string(const toml::array& all, const toml::table& source)>;

/// What `edit` made of it, when that says what `meant` says.
Result<std::string> changed(
    std::string_view text, std::string_view name, const Purposes& purposes, const Edit& edit,
    const std::function<void(Source&)>& meant
) {
  const Sources before = TRY(read_sources(text, purposes));
  Source wanted = *TRY(before.named(name));
  meant(wanted);
  const toml::table root = TRY(parsed(text));
  const toml::array* all = root["source"].as_array();
  const toml::table* table = table_with(all, "name", name);
  if (table == nullptr) return fail(Code::not_found, "sources.toml has no such source");
  std::string out = edit(*all, *table);
  const auto after = read_sources(out, purposes);
  if (after && after->find(name) != nullptr && *after->find(name) == wanted) return out;
  if (!after && after.error().code != Code::invalid_input) return std::unexpected(after.error());
  return fail(
      Code::conflict, "this change cannot be made in sources.toml as it is written: put it there by "
                      "hand, with each source under [[source]] and each key under [[source.key]]"
  );
}

}  // namespace

Result<Sources> read_sources(std::string_view text, const Purposes& purposes) {
  const toml::table root = TRY(parsed(text));
  Sources out;
  TRY(read_sources_table({root, sources_file, std::string(sources_file)}, purposes, out));
  return out;
}

Result<std::string> with_source(
    std::string_view text, const Source& source, const Purposes& purposes
) {
  Sources before = TRY(read_sources(text, purposes));
  TRY(before.add(source));
  std::string out(text);
  if (!out.empty()) out += out.ends_with('\n') ? "\n" : "\n\n";
  out += source_block(source, purposes);
  const Sources after = TRY(read_sources(out, purposes));
  if (const Source* there = after.find(source.name); there != nullptr && *there == source) return out;
  return fail(Code::invalid_input, "this source cannot be written as TOML");
}

Result<std::string> with_change(
    std::string_view text, std::string_view source, const SourceChange& change,
    const Purposes& purposes
) {
  std::vector<std::pair<std::string_view, std::string>> values;
  if (change.enabled) values.emplace_back("enabled", *change.enabled ? "true" : "false");
  if (change.origins) values.emplace_back("origins", toml_list(*change.origins));
  if (change.without_answer)
    values.emplace_back("without_answer", purposes_of(*change.without_answer, purposes));
  if (change.events_per_s_max)
    values.emplace_back("events_per_s_max", std::to_string(*change.events_per_s_max));
  if (change.mode) values.emplace_back("catalogue", toml_text(to_string(*change.mode)));
  return changed(
      text, source, purposes,
      [&](const toml::array&, const toml::table&) {
        std::string out(text);
        for (const auto& [name, value] : values) {
          const auto root = parsed(out);  // each change moves the lines below it
          if (!root) break;
          const toml::table* table = table_with((*root)["source"].as_array(), "name", source);
          if (table == nullptr) break;
          out = with_value(out, *table, name, value);
        }
        return out;
      },
      [&](Source& s) {
        if (change.enabled) s.enabled = *change.enabled;
        if (change.origins) s.origins = *change.origins;
        if (change.without_answer) s.without_answer = *change.without_answer;
        if (change.events_per_s_max) s.events_per_s_max = *change.events_per_s_max;
        if (change.mode) s.mode = *change.mode;
      }
  );
}

Result<std::string> with_key(
    std::string_view text, std::string_view source, const WriteKey& key, const Purposes& purposes
) {
  return changed(
      text, source, purposes,
      [&](const toml::array& all, const toml::table&) {
        std::string out(text);
        const std::size_t at = end_of(text, all, source);
        const bool breaks = at > 0 && out[at - 1] != '\n';
        return out.insert(at, (breaks ? "\n" : "") + key_block(key));
      },
      [&](Source& s) { s.keys.push_back(key); }
  );
}

Result<std::string> with_key_end(
    std::string_view text, std::string_view source, const KeyHash& key, Instant until,
    const Purposes& purposes
) {
  const std::string hex = to_hex(key);
  bool there = false;
  auto out = changed(
      text, source, purposes,
      [&](const toml::array&, const toml::table& table) {
        const toml::table* block = table_with(table["key"].as_array(), "sha256", hex);
        return block == nullptr ? std::string(text)
                                : with_value(text, *block, "until", toml_text(to_string(until)));
      },
      [&](Source& s) {
        for (WriteKey& one : s.keys)
          if (one.hash == key) one.until = until, there = true;
      }
  );
  if (out && !there) return fail(Code::not_found, "the source has no such key");
  return out;
}

}  // namespace hospes::catalog
