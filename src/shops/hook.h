// One shop's webhook as its file says it.
//
//   source    = "shop"                        whose events these are
//   signature = "X-Shopify-Hmac-Sha256"       header with the HMAC-SHA256 of the raw body
//   encoding  = "base64"                      of it: base64 or hex
//   topic     = "X-Shopify-Topic"             header that says what happened
//   ping      = "webhook_id="                 an unsigned body of at most 64 bytes that begins so is
//                                             answered 200, and nothing comes of it
//   zone      = "Europe/Paris"                of times that name none; else UTC
//   secret_file = "…", key_file = "…"         beside this file: the shared secret (several lines
//                                             while it is changed), a server key of the source
//   [[on]]                                    rows; all that fit are taken
//   topic = "orders/paid"
//   where = "status=completed|processing"     absent: always
//   event = "Order Completed"                 or type = "identify", or purpose = "contact:email"
//   message_id = "shopify-{id}-paid"
//   timestamp = "processed_at", user_id = "customer.id", email = "email", phone = "phone"
//   [on.properties]                           of identify: its traits
//   total = "total_price:number"
//   [on.products]                             the list `products`
//   from = "line_items", sku = "sku", price = "price:number"
//   [on.answer]                               with purpose: state = path, and which words mean what
//   state = "email_marketing_consent.state", given = ["subscribed"], withdrawn = ["unsubscribed"]
//
//   expression = '=' literal | text with {path}s | path [':' number|text|bool]
//   path = name *( '.' name ); "list[].name" is the sum over a list, with :number
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hospes::shops {

struct Rule {
  std::string topic, where, event, type, purpose, message_id, timestamp, user_id, email, phone, card;
  std::vector<std::pair<std::string, std::string>> properties;  // name, expression
  std::string products_from;
  std::vector<std::pair<std::string, std::string>> products;
  std::string state;                         // path
  std::map<std::string, std::string> states;  // the shop's word → given, withdrawn
};

struct Hook {
  std::string name, source, signature, topic, ping, zone = "UTC";
  bool hex = false;
  std::vector<std::string> secrets;
  std::string write_key;
  std::vector<Rule> rules;
};

/// Without its secrets. invalid_input names file, line and what to write.
Result<Hook> read_hook(std::string_view text, std::string_view file);

/// All of `<house>/hooks/*.toml` with their secrets; none when there is no such folder. unavailable
/// when a secret cannot be read.
Result<std::vector<Hook>> read_hooks(const std::string& house_folder);

}  // namespace hospes::shops
