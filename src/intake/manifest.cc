// The one file of the room that knows toml++, which throws; nothing it throws leaves here.
#include "intake/manifest.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/nearest.h"
#include "intake/text_file.h"

namespace hospes::intake {
namespace {

constexpr std::array<Method, 15> method_rows = {{
    {"own_site", true, "the house's own site", "le site de la maison"},
    {"own_app", true, "its own app", "sa propre application"},
    {"own_till", true, "its own tills and shops", "ses caisses et boutiques"},
    {"own_call", true, "its own phone line or desk", "son téléphone ou son comptoir"},
    {"own_form", true, "a form that people filled in", "un formulaire rempli par les personnes"},
    {"own_paper", true, "paper that people signed", "un papier signé par les personnes"},
    {"own_mail", true, "answers and returns to its own mails", "les retours à ses propres envois"},
    {"moved", true, "the house's former system, where it had collected them itself",
     "l'ancien système de la maison, où elle les avait recueillies elle-même"},
    {"taken", true, "taken away from another house by the person, who brings them",
     "emportées d'une autre maison par la personne, qui les apporte"},
    {"bought", false, "bought", "achetées"},
    {"rented", false, "rented", "louées"},
    {"exchanged", false, "exchanged with another company", "échangées avec une autre société"},
    {"scraped", false, "scraped from pages of others", "aspirées de pages d'autrui"},
    {"appended", false, "appended from somebody's file", "enrichies avec le fichier d'un tiers"},
    {"found", false, "found; nobody knows where it is from", "trouvées ; d'origine inconnue"},
}};
constexpr std::array<std::string_view, 4> permissions = {"contract", "duty", "interest", "consent"};

std::vector<std::string_view> taken_methods() {
  std::vector<std::string_view> out;
  for (const Method& m : method_rows)
    if (m.taken) out.push_back(m.name);
  return out;
}

struct Reader {
  const toml::table& table;
  std::string_view file;

  std::unexpected<Error> wrong(std::string_view key, std::string_view message) const {
    const toml::node* node = table.get(key);
    const auto line = node != nullptr ? node->source().begin.line : 1;
    return fail(Code::invalid_input, fmt::format("{}:{}: {}", file, line, message));
  }
  Result<std::string> text(std::string_view key, std::string_view what) const {
    const auto value = table[key].value_exact<std::string>();
    if (value && value->find_first_not_of(" \t") != std::string::npos) return *value;
    return wrong(key, fmt::format("{} is missing: say {}, in quotes", key, what));
  }
  Result<Instant> day(std::string_view key) const {
    const auto value = table[key].value_exact<toml::date>();
    if (!value)
      return wrong(key, fmt::format("{} is missing: write a day without quotes, as 2025-03-31", key));
    const std::chrono::year_month_day day{
        std::chrono::year(value->year), std::chrono::month(value->month),
        std::chrono::day(value->day)};
    return Instant{std::chrono::microseconds(std::chrono::sys_days(day).time_since_epoch()).count()};
  }
};

Status check_keys(const Reader& in) {
  constexpr std::array<std::string_view, 8> known = {
      "collected_by", "collected_from", "collected_until", "method",
      "how",          "permission",     "notice",          "file"};
  for (const auto& [key, node] : in.table) {
    if (std::ranges::find(known, key.str()) == known.end())
      return in.wrong(
          key.str(), fmt::format("unknown key \"{}\"{}", key.str(), nearest_hint(key.str(), known))
      );
  }
  return {};
}

Status check_method(const Reader& in, const std::string& name) {
  const auto at = std::ranges::find(method_rows, name, &Method::name);
  if (at == method_rows.end())
    return in.wrong(
        "method", fmt::format(
                      "method \"{}\" is not known{}. It is one of {}", name,
                      nearest_hint(name, taken_methods()), fmt::join(taken_methods(), ", ")
                  )
    );
  if (at->taken) return {};
  return in.wrong(
      "method",
      fmt::format(
          "data that was {} does not enter: these people gave it to somebody else, who cannot give "
          "their permission on. Ask them yourself; whoever answers may be imported as own_form",
          at->means_en
      )
  );
}

Result<std::vector<ManifestFile>> read_files(const Reader& in) {
  std::vector<ManifestFile> out;
  const toml::array* list = in.table["file"].as_array();
  if (list == nullptr || list->empty())
    return in.wrong("file", "no [[file]]: name each file with its sha256");
  for (const toml::node& node : *list) {
    const toml::table* one = node.as_table();
    if (one == nullptr) return in.wrong("file", "write each file as [[file]]");
    const Reader inner{*one, in.file};
    ManifestFile& made = out.emplace_back();
    made.name = TRY(inner.text("name", "the file's name"));
    made.sha256 = TRY(inner.text("sha256", "what sha256sum says of it"));
    std::ranges::transform(made.sha256, made.sha256.begin(), [](char c) {
      return c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c;
    });
  }
  return out;
}

Result<Manifest> take(const Reader& in, Instant now) {
  TRY(check_keys(in));
  Manifest out;
  out.collected_by = TRY(in.text("collected_by", "who collected this data"));
  out.from = TRY(in.day("collected_from"));
  out.until = TRY(in.day("collected_until")) + std::chrono::hours(24);
  if (out.from >= out.until)
    return in.wrong("collected_until", "collected_until lies before collected_from");
  if (out.until > now + std::chrono::hours(48))
    return in.wrong("collected_until", "collected_until lies in the future");
  out.method = TRY(in.text("method", "one of " + fmt::format("{}", fmt::join(taken_methods(), ", "))));
  TRY(check_method(in, out.method));
  out.how = TRY(in.text("how", "how these people came to give it, in a sentence"));
  out.permission = TRY(in.text("permission", "contract, duty, interest or consent"));
  if (std::ranges::find(permissions, out.permission) == permissions.end())
    return in.wrong(
        "permission",
        fmt::format(
            "permission \"{}\" is not known{}. It is one of {}", out.permission,
            nearest_hint(out.permission, permissions), fmt::join(permissions, ", ")
        )
    );
  out.notice = TRY(in.text("notice", "what people were told, and its version"));
  out.files = TRY(read_files(in));
  return out;
}

}  // namespace

std::span<const Method> methods() { return method_rows; }

Result<Manifest> read_manifest(std::string_view text, std::string_view file_name, Instant now) {
  toml::table table;
  try {
    table = toml::parse(text, file_name);
  } catch (const toml::parse_error& error) {
    return fail(
        Code::invalid_input, fmt::format(
                                 "{}:{}: {}", file_name, error.source().begin.line,
                                 std::string(error.description())
                             )
    );
  }
  Manifest out = TRY(take({table, file_name}, now));
  out.sha256 = sha256(text);
  return out;
}

Status speaks_of(const Manifest& manifest, std::string_view name, std::string_view sha256) {
  if (std::ranges::find(manifest.files, sha256, &ManifestFile::sha256) != manifest.files.end())
    return {};
  const auto named = std::ranges::find(manifest.files, name, &ManifestFile::name);
  if (named == manifest.files.end())
    return fail(
        Code::conflict,
        fmt::format(
            "the manifest does not speak of {}: add it there as [[file]], with sha256 = \"{}\"",
            name, sha256
        )
    );
  return fail(
      Code::conflict,
      fmt::format(
          "the manifest does not match: it speaks of a {} with sha256 {}…, this one has {}…. If the "
          "file is right, correct the manifest; if not, get the file again",
          name, named->sha256.substr(0, 12), sha256.substr(0, 12)
      )
  );
}

std::string sketch(std::span<const ManifestFile> files) {
  std::string words;
  for (const Method& m : method_rows)
    if (m.taken) words += fmt::format("#   {:<10} {}\n", m.name, m.means_en);
  std::string out = fmt::format(
      "# Where this data comes from. Fill in what is empty; hospes import reads it, and every event "
      "bears its hash.\n"
      "collected_by    = \"\"   # who: the company, and which part of it\n"
      "# collected_from  = 2023-01-01   # when: the first and the last day\n"
      "# collected_until = 2025-03-31\n"
      "method          = \"\"   # how, in one word:\n{}"
      "how             = \"\"   # in a sentence: how these people came to give it\n"
      "permission      = \"\"   # contract, duty, interest or consent\n"
      "notice          = \"\"   # what they were told, and its version\n",
      words
  );
  for (const ManifestFile& file : files)
    out += fmt::format("\n[[file]]\nname   = \"{}\"\nsha256 = \"{}\"\n", file.name, file.sha256);
  return out;
}

}  // namespace hospes::intake
