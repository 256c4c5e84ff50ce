#include "activate/signature.h"

#include <algorithm>

#include "digest/digest.h"

namespace hospes::activate {
namespace {

constexpr std::string_view prefix = "whsec_";
constexpr std::size_t secret_bytes_min = 24, secret_bytes_max = 64;
constexpr std::size_t secrets_max = 4;

Result<std::string> secret_in(std::string_view line) {
  const auto wrong = [] {
    return fail(
        Code::invalid_input,
        "a webhook secret is written whsec_ and the base64 of 24 to 64 random bytes, such as: echo "
        "whsec_$(openssl rand -base64 32)"
    );
  };
  if (!line.starts_with(prefix)) return wrong();
  line.remove_prefix(prefix.size());
  if (line.empty() || line.size() % 4 != 0 || line.size() > 2 * secret_bytes_max) return wrong();
  auto out = base64_decoded(line);
  if (!out || out->size() < secret_bytes_min || out->size() > secret_bytes_max) return wrong();
  return std::move(*out);
}

}  // namespace

Result<std::vector<std::string>> parse_secrets(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    if (out.size() >= secrets_max) return fail(Code::over_limit, "four secrets at most sign together");
    out.push_back(TRY(secret_in(line)));
  }
  if (out.empty()) return fail(Code::invalid_input, "the file holds no secret");
  return out;
}

std::string signature_of(
    const std::vector<std::string>& secrets, std::string_view id, std::string_view timestamp,
    std::string_view body
) {
  std::string text;
  text.reserve(id.size() + timestamp.size() + body.size() + 2);
  text.append(id).append(".").append(timestamp).append(".").append(body);
  std::string out;
  for (const std::string& secret : secrets) {
    if (!out.empty()) out += ' ';
    out += "v1," + base64(view_of(hmac(secret, text)));
  }
  return out;
}

}  // namespace hospes::activate
