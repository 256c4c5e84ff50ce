// Where a file's data comes from: who collected it, when, how, under which permission. Without it
// nothing is imported (GDPR art. 5(2) and 14: the one who uses data says where it is from), and data
// that was bought, scraped or appended is refused for what it is.
//
//   collected_by    = "Disquaire SARL, the shop in Lyon"       who
//   collected_from  = 2023-01-01                               when: first and last day
//   collected_until = 2025-03-31
//   method          = "own_till"                               how: one word of `methods`
//   how             = "receipts; the e-mail is asked for at the till"
//   permission      = "contract"                               contract, duty, interest or consent
//   notice          = "privacy page 2023-01"                   what people were told
//   [[file]]
//   name   = "orders.csv"
//   sha256 = "…"                                               of its bytes
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace hospes::intake {

struct Method {
  std::string_view name;
  bool taken;  // false: such data is refused
  std::string_view means_en, means_fr;
};
std::span<const Method> methods();

struct ManifestFile {
  std::string name, sha256;
};

struct Manifest {
  std::string collected_by, method, how, permission, notice;
  Instant from, until;  // midnights UTC; until is the day after the last
  std::vector<ManifestFile> files;
  std::string sha256;  // of its own text; the first 16 digits go with every event

  std::string_view short_id() const { return std::string_view(sha256).substr(0, 16); }
};

/// invalid_input names file, line and what to write; a refused method says why. `now`: nothing is
/// collected in the future.
Result<Manifest> read_manifest(std::string_view text, std::string_view file_name, Instant now);

/// conflict when the manifest does not speak of a file with that content: says whether the name is
/// unknown, or the bytes are others.
Status speaks_of(const Manifest& manifest, std::string_view name, std::string_view sha256);

/// A manifest to fill in: hashes are there, what only a person knows is empty.
std::string sketch(std::span<const ManifestFile> files);

}  // namespace hospes::intake
