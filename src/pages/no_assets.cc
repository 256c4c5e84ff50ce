// Stands in for the built pages when HOSPES_WEB is OFF.
#include "pages/asset.h"

namespace hospes::pages {

std::span<const Asset> embedded_assets() { return {}; }

}  // namespace hospes::pages
