#include "staff/password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <vector>

#include "base/check.h"
#include "digest/digest.h"
#include "staff/stretch.h"

namespace hospes::staff {
namespace {

constexpr std::uint64_t memory_max = std::uint64_t{64} << 20;
constexpr std::size_t salt_bytes = 16, hash_bytes = 32;
constexpr std::size_t different_letters_min = 6;

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto at = text.find('$');
    out.push_back(text.substr(0, at));
    if (at == text.npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::optional<unsigned> small(std::string_view text, unsigned max) {
  unsigned out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || out == 0 || out > max)
    return std::nullopt;
  return out;
}

/// UTF-8: all bytes but those that continue a letter.
std::size_t letters_in(std::string_view text) {
  std::size_t out = 0;
  for (const char c : text) out += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return out;
}

}  // namespace

std::optional<std::string> stretched(std::string_view password, std::string_view salt, const Cost& cost) {
  std::string out(hash_bytes, '\0');
  const int done = EVP_PBE_scrypt(
      password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()), salt.size(),
      std::uint64_t{1} << cost.log_n, cost.r, cost.p, memory_max, reinterpret_cast<unsigned char*>(out.data()),
      out.size()
  );
  return done == 1 ? std::optional(out) : std::nullopt;
}

Status may_be_password(std::string_view password, std::string_view account) {
  if (password.size() > password_bytes_max)
    return fail(Code::invalid_input, "a password has at most 256 bytes");
  if (letters_in(password) < password_letters_min)
    return fail(Code::invalid_input, "a password has at least 12 letters: a few words in a row are easy to keep in mind");
  if (std::set<char>(password.begin(), password.end()).size() < different_letters_min)
    return fail(Code::invalid_input, "this password repeats itself: use at least six different letters");
  if (account.size() >= 3 && password.find(account) != password.npos)
    return fail(Code::invalid_input, "a password does not hold the account's own name");
  return {};
}

std::string kept(std::string_view password, const Cost& cost) {
  std::array<unsigned char, salt_bytes> salt{};
  check(RAND_bytes(salt.data(), static_cast<int>(salt.size())) == 1, "the system gives random bytes");
  const std::string_view bytes(reinterpret_cast<const char*>(salt.data()), salt.size());
  const auto hash = stretched(password, bytes, cost);
  check(hash.has_value(), "scrypt has its 32 MB");
  std::string out = "scrypt$";
  for (const unsigned n : {cost.log_n, cost.r, cost.p}) out.append(std::to_string(n)).append("$");
  return out + base64(bytes) + '$' + base64(*hash);
}

bool is_password(std::string_view kept, std::string_view password) {
  if (password.size() > password_bytes_max) return false;
  const auto parts = parts_of(kept);
  if (parts.size() != 6 || parts[0] != "scrypt") return false;
  const auto log_n = small(parts[1], 20), r = small(parts[2], 32), p = small(parts[3], 16);
  const auto salt = base64_read(parts[4]), hash = base64_read(parts[5]);
  if (!log_n || !r || !p || !salt || !hash || hash->size() != hash_bytes) return false;
  const auto got = stretched(password, *salt, {*log_n, *r, *p});
  return got && CRYPTO_memcmp(got->data(), hash->data(), hash_bytes) == 0;
}

bool nobodys_password(std::string_view password, const Cost& cost) {
  if (password.size() <= password_bytes_max) stretched(password, std::string(salt_bytes, 'n'), cost);
  return false;
}

}  // namespace hospes::staff
