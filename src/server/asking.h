// A running house as the command line reaches it: where its console is, and the staff token that
// lies beside its data.
#pragma once

#include <string>

#include "http/client.h"
#include "server/commands.h"
#include "server/json.h"

namespace hospes::server {

/// Empty: as hospes.toml says, or, where there is none, as `hospes demo` does.
struct AskOptions {
  std::string console, token_file, front;
};
void add_ask_options(Command command, AskOptions& options);

struct House {
  http::ClientOptions console, front;
  std::string token;
  http::Headers headers() const { return {{"Authorization", bearer}}; }
  std::string bearer;
};
/// not_found says what to start or to name.
Result<House> find_house(const Globals& globals, const AskOptions& options);
/// Where events go; needs no token.
Result<http::ClientOptions> find_front(const Globals& globals, const AskOptions& options);

/// The body of a 200 or 201. Else an error with what the house said; unavailable when nobody answers.
Result<std::string> get(const House& house, const std::string& target);
Result<std::string> ask(
    const House& house, std::string_view method, const std::string& target,
    const std::string& body = ""
);
/// The sentence of an answer that is not 200.
std::string reason_in(const http::Response& answer);

/// "measure: no answer; send consent; personalise: no answer; send consent" as one line a reason,
/// with the purposes it holds for.
std::vector<std::string> reasons_in(std::string_view missing);

std::string url_escaped(std::string_view text);

}  // namespace hospes::server
