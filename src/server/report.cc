#include <fmt/format.h>

#include "server/commands.h"

namespace hospes::server {

int report(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.message);
  return exit_code_of(error);
}

int exit_code_of(const Error& error) {
  switch (error.code) {
    case Code::invalid_input:
    case Code::not_found:
      return exit_usage;
    default:
      return exit_world;
  }
}

}  // namespace hospes::server
