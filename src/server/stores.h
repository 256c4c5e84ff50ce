// The registry of stores: every place in which a house keeps anything, and how an erased person
// leaves it. What is not here stops the start. docs/rights.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hospes::server {

struct StoreRow {
  std::string_view name;    // of the file or folder below the data or the key folder
  bool beside_keys = false;  // below the key folder
  bool decoded = false;      // it holds people under seal or in a form of its own: hospes residue reads it
  std::string_view holds_en, holds_fr;
  std::string_view leaves_en, leaves_fr;  // how an erased person does
};
std::span<const StoreRow> stores();

/// conflict names what lies in one of the folders and in no store: an erasure would not reach it.
Status check_stores(const std::string& data_folder, const std::string& keys_folder);

}  // namespace hospes::server
