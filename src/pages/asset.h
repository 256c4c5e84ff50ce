// One file of the console as the build leaves it. The table is made by web/tools/build.mjs. Private to
// pages/.
#pragma once

#include <span>
#include <string_view>

namespace hospes::pages {

struct Asset {
  std::string_view path;  // "/assets/index-Ck3f.js"
  std::string_view type;  // Content-Type
  std::string_view hash;  // of the plain content, hexadecimal
  bool hashed = false;    // its name changes with its content
  std::string_view br, gz;
};

/// In the binary; empty when it was built with HOSPES_WEB=OFF.
std::span<const Asset> embedded_assets();

}  // namespace hospes::pages
