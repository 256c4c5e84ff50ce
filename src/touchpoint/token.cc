// token = base64url( version:u8 sealed( atom exposure:text [1:u8 sent:i64] zeros ) )
// The zeros fill up to a multiple of 128 bytes: its length does not tell what a decision rests on.
#include "touchpoint/token.h"

#include "base/bytes.h"
#include "collect/credentials.h"
#include "digest/base64url.h"
#include "digest/digest.h"
#include "flow/decisions.h"
#include "record/codec.h"
#include "seal/envelope.h"

namespace hospes::touchpoint {
namespace {

constexpr std::string_view bound_to = "hospes decision token 1";
constexpr char version = 1;
constexpr std::uint8_t was_sent = 1;
constexpr std::size_t block_bytes = 128;

}  // namespace

Tokens::Tokens(const HashSecret& house_secret) {
  const auto* bytes = reinterpret_cast<const char*>(house_secret.bytes.data());
  key_.bytes = hmac(std::string_view(bytes, house_secret.bytes.size()), bound_to);
}

std::string Tokens::make(const Ticket& ticket) const {
  return sealed(flow::ticket_form(ticket.atom, ticket.exposure));
}

std::string Tokens::make_sent(std::string form, Instant sent) const {
  Writer out(form);
  out.u8(was_sent);
  out.i64(sent.us);
  return sealed(std::move(form));
}

std::string Tokens::sealed(std::string plain) const {
  plain.resize((plain.size() + block_bytes - 1) / block_bytes * block_bytes, '\0');
  std::string token(1, version);
  seal::seal(key_, bound_to, plain, token);
  return base64url(token);
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
  if (!decide::read_exposure(in.text(), out.exposure)) return refused();
  if (in.rest().starts_with(static_cast<char>(was_sent))) {
    in.u8();
    out.sent = Instant{in.i64()};
  }
  if (!in.ok() || in.rest().find_first_not_of('\0') != std::string_view::npos)
    return refused();
  if (out.sent ? now > *out.sent + sent_good_for : now > out.exposure.decided + token_good_for)
    return fail(
        Code::invalid_input, out.sent ? "this token was sent more than thirty days ago; what is said now is not counted"
                                      : "this token is older than a day; decide again"
    );
  return out;
}

}  // namespace hospes::touchpoint
