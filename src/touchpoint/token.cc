// token = base64url( version:u8 sealed( atom exposure:text zeros ) )
// The zeros fill up to a multiple of 128 bytes: its length does not tell what a decision rests on.
#include "touchpoint/token.h"


#include "base/bytes.h"
#include "collect/credentials.h"
#include "digest/base64url.h"
#include "digest/digest.h"
#include "record/codec.h"
#include "seal/envelope.h"

namespace hospes::touchpoint {
namespace {

constexpr std::string_view bound_to = "hospes decision token 1";
constexpr char version = 1;
constexpr std::size_t block_bytes = 128;

}  // namespace

Tokens::Tokens(const HashSecret& house_secret) {
  const auto* bytes = reinterpret_cast<const char*>(house_secret.bytes.data());
  key_.bytes = hmac(std::string_view(bytes, house_secret.bytes.size()), bound_to);
}

std::string Tokens::make(const Ticket& ticket) const {
  std::string plain;
  Writer out(plain);
  record::write_atom(out, ticket.atom);
  out.text(decide::exposure_form(ticket.exposure));
  plain.resize((plain.size() + block_bytes - 1) / block_bytes * block_bytes, '\0');
  std::string sealed(1, version);
  seal::seal(key_, bound_to, plain, sealed);
  return base64url(sealed);
}

Result<Ticket> Tokens::read(std::string_view token, Instant now) const {
  const auto refused = [] {
    return fail(Code::invalid_input, "this is no token of a decision of this house");
  };
  const auto sealed = collect::base64(token);
  if (!sealed || sealed->empty() || sealed->front() != version) return refused();
  const auto plain = seal::open(key_, bound_to, std::string_view(*sealed).substr(1));
  if (!plain) return refused();
  Reader in(*plain);
  Ticket out;
  out.atom = record::read_atom(in);
  if (!decide::read_exposure(in.text(), out.exposure) || in.rest().find_first_not_of('\0') != std::string_view::npos)
    return refused();
  if (now > out.exposure.decided + token_good_for)
    return fail(Code::invalid_input, "this token is older than a day; decide again");
  return out;
}

}  // namespace hospes::touchpoint
