#include "model/event.h"

namespace hospes {

std::string_view to_string(EventType type) {
  switch (type) {
    case EventType::track: return "track";
    case EventType::identify: return "identify";
    case EventType::page: return "page";
    case EventType::screen: return "screen";
    case EventType::group: return "group";
    case EventType::alias: return "alias";
  }
  return "unknown";
}

std::string_view event_name(EventType type, std::string_view track_name) {
  switch (type) {
    case EventType::track: return track_name;
    case EventType::page: return "Page Viewed";
    case EventType::screen: return "Screen Viewed";
    default: return to_string(type);
  }
}

}  // namespace hospes
