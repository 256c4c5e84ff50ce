// The usual names: Segment's e-commerce specification v2 and its page, screen, identify calls. What
// an order is for comes from the FR/EU pack: operate (contract), legal (Code de commerce L123-22:
// ten years), market (own purchases).
#include "base/check.h"
#include "catalog/events.h"

namespace hospes::catalog {
namespace {

using enum PropertyType;

const std::vector<PropertyRow> order = {
    {"order_id", text, true}, {"checkout_id", text}, {"total", money},     {"revenue", money},
    {"subtotal", money},      {"shipping", money},   {"tax", money},       {"discount", money},
    {"coupon", text},         {"currency", text},    {"quantity", number}, {"products", list},
    {"affiliation", text},    {"store_id", text},    {"till_id", text},
    {"receipt_id", text, true}};

const std::vector<PropertyRow> product = {
    {"product_id", text}, {"sku", text},        {"name", text},   {"brand", text},
    {"category", text},   {"variant", text},    {"price", money}, {"currency", text},
    {"quantity", number}, {"position", number}, {"coupon", text}, {"cart_id", text},
    {"url", text},        {"image_url", text}};

const std::vector<PropertyRow> account = {
    {"email", text},
    {"phone", text},
    {"name", text},
    {"firstName", text},
    {"lastName", text},
    {"first_name", text},
    {"last_name", text},
    {"birthday", instant},
    {"gender", text},
    {"language", text},
    {"address.street", text},
    {"address.city", text},
    {"address.postalCode", text},
    {"address.country", text},
    {"createdAt", instant}};

const std::vector<PropertyRow> page = {{"name", text},  {"category", text}, {"title", text},
                                       {"url", text},   {"path", text},     {"referrer", text},
                                       {"search", text}};

struct Usual {
  const char* name;
  const char* serves;  // words, separated by one space
  const std::vector<PropertyRow>& properties;
  const char* means_en;
  const char* means_fr;
};

const std::vector<PropertyRow> checkout = {
    {"checkout_id", text},
    {"step", number},
    {"shipping_method", text},
    {"payment_method", text},
    {"order_id", text, true}};
const std::vector<PropertyRow> search = {{"query", text}, {"results", number}};
const std::vector<PropertyRow> list_view = {
    {"list_id", text}, {"category", text}, {"products", list}};
const std::vector<PropertyRow> promotion = {
    {"promotion_id", text}, {"creative", text}, {"name", text}, {"position", text}};
const std::vector<PropertyRow> coupon = {
    {"order_id", text, true}, {"cart_id", text}, {"coupon_id", text}, {"discount", money}};
const std::vector<PropertyRow> review = {
    {"product_id", text}, {"review_id", text}, {"review_body", text}, {"rating", number}};
const std::vector<PropertyRow> mail = {
    {"message_id", text}, {"subject", text}, {"link", text}, {"action", text}, {"campaign", text}};

// Weak signals and objects. Names as the e-commerce ones, object first; verbs after ActivityStreams
// 2.0 (Like, Follow, Undo) and schema.org (LikeAction, FollowAction, Demand); units after UCUM.
const std::vector<PropertyRow> about = {
    {"object_type", text}, {"object_id", text}, {"name", text},
    {"category", text},    {"url", text},       {"position", text}};
const std::vector<PropertyRow> followed = {
    {"object_type", text}, {"object_id", text}, {"name", text}, {"reason", text}};
const std::vector<PropertyRow> hesitation = {
    {"object_type", text}, {"object_id", text}, {"where", text}, {"dwell_s", number},
    {"returns", number},   {"step", text}};
const std::vector<PropertyRow> repeated_search = {
    {"query", text}, {"times", number}, {"within_s", number}, {"results", number}};
const std::vector<PropertyRow> dwell = {
    {"object_type", text}, {"object_id", text},       {"url", text},
    {"dwell_s", number},   {"scroll_percent", number}};
const std::vector<PropertyRow> feedback = {
    {"subject", text},    {"rating", number},  {"rating_max", number},
    {"order_id", text, true}, {"product_id", text}, {"comment", text}};
const std::vector<PropertyRow> intent = {
    {"intent_id", text, true}, {"wants", text},      {"category", text}, {"budget", money},
    {"currency", text},        {"wanted_by", instant}, {"near", text},     {"valid_until", instant}};
const std::vector<PropertyRow> leaving = {
    {"contract_id", text, true}, {"plan", text},        {"reason", text},
    {"reason_text", text},       {"effective", instant}, {"offered", text}};
const std::vector<PropertyRow> order_cancelled = [] {
  auto out = order;
  for (const char* more : {"reason", "reason_text", "cancelled_by"}) out.push_back({more, text});
  return out;
}();
const std::vector<PropertyRow> reading = {
    {"sensor_id", text}, {"device_id", text},    {"quantity", text}, {"values", list},
    {"unit", text},      {"interval_s", number}, {"place", text},    {"object_id", text}};

const Usual usual_rows[] = {
    {"identify", "operate", account, "who somebody says they are", "qui la personne dit être"},
    {"group", "", account, "the account or household one belongs to", "le compte ou le foyer"},
    {"alias", "", page, "two ids of one visitor", "deux identifiants d'un visiteur"},
    {"Page Viewed", "", page, "a page was shown", "une page a été vue"},
    {"Screen Viewed", "", page, "a screen of an app was shown", "un écran a été vu"},
    {"Signed Up", "operate secure", account, "an account was opened", "un compte a été ouvert"},
    {"Signed In", "operate secure", account, "somebody logged in", "connexion au compte"},
    {"Products Searched", "", search, "a search in the shop", "une recherche"},
    {"Product List Viewed", "", list_view, "a shelf was shown", "un rayon a été vu"},
    {"Product List Filtered", "", list_view, "a shelf was narrowed", "un rayon a été filtré"},
    {"Promotion Viewed", "", promotion, "a promotion was shown", "une promotion a été vue"},
    {"Promotion Clicked", "", promotion, "a promotion was clicked", "clic sur une promotion"},
    {"Product Clicked", "", product, "a product was clicked", "clic sur un produit"},
    {"Product Viewed", "", product, "a product page was shown", "une fiche produit a été vue"},
    {"Product Added", "", product, "put into the basket", "ajouté au panier"},
    {"Product Removed", "", product, "taken out of the basket", "retiré du panier"},
    {"Product Added to Wishlist", "", product, "put on the wish list", "ajouté aux envies"},
    {"Product Removed from Wishlist", "", product, "taken off the wish list", "retiré des envies"},
    {"Product Shared", "", product, "shown to somebody else", "partagé"},
    {"Product Reviewed", "", review, "a review was written", "un avis a été écrit"},
    {"Cart Viewed", "", list_view, "the basket was shown", "le panier a été vu"},
    {"Checkout Started", "operate", order, "on the way to pay", "passage en caisse"},
    {"Checkout Step Viewed", "operate", checkout, "a step of paying shown", "étape de caisse vue"},
    {"Checkout Step Completed", "operate", checkout, "a step of paying done", "étape franchie"},
    {"Payment Info Entered", "operate secure", checkout, "how it will be paid",
     "moyen de paiement"},
    {"Order Completed", "operate legal secure market", order, "an order was placed and paid",
     "une commande passée et payée"},
    {"Order Updated", "operate legal secure market", order, "an order was changed",
     "une commande modifiée"},
    {"Order Refunded", "operate legal secure market", order, "money went back",
     "une commande remboursée"},
    {"Order Cancelled", "operate legal secure market", order_cancelled, "an order was called off",
     "une commande annulée"},
    {"Coupon Entered", "", coupon, "a coupon was typed in", "un code a été saisi"},
    {"Coupon Applied", "operate", coupon, "a coupon was honoured", "un code a été accepté"},
    {"Coupon Denied", "", coupon, "a coupon was refused", "un code a été refusé"},
    {"Email Delivered", "", mail, "a mail arrived", "un e-mail a été remis"},
    {"Email Opened", "", mail, "a mail was opened", "un e-mail a été ouvert"},
    {"Email Link Clicked", "", mail, "a link in a mail was clicked", "clic dans un e-mail"},
    {"Email Bounced", "operate market", mail, "a mail came back", "un e-mail nous est revenu"},
    {"Unsubscribed", "operate", mail, "no more mails, please", "désabonnement"},
    {"Liked", "", about, "somebody liked it", "la personne a aimé"},
    {"Unliked", "", about, "a like was taken back", "un « j'aime » retiré"},
    {"Followed", "", followed, "somebody wants to hear of it", "la personne suit"},
    {"Unfollowed", "", followed, "somebody wants to hear of it no more", "la personne ne suit plus"},
    {"Hesitated", "", hesitation, "long or repeated looks, no decision", "une hésitation"},
    {"Search Repeated", "", repeated_search, "the same search again: not found, or not yet",
     "la même recherche, encore"},
    {"Dwelled", "", dwell, "how long it held somebody", "le temps passé dessus"},
    {"Feedback Given", "", feedback, "what somebody thought of it", "un avis donné"},
    {"Intent Expressed", "", intent, "what somebody says they want", "une envie exprimée"},
    {"Intent Withdrawn", "", intent, "it is wanted no more", "une envie retirée"},
    {"Subscription Cancelled", "operate legal", leaving, "a contract was ended, and why",
     "un contrat résilié, et pourquoi"},
    {"Account Closed", "operate legal", leaving, "an account was closed, and why",
     "un compte fermé, et pourquoi"},
    {"Reading Taken", "", reading, "values of a sensor, with their unit", "mesures d'un capteur"},
};

Mask mask_of(std::string_view words, const Purposes& purposes) {
  Mask out = 0;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    const auto purpose = purposes.find(word);
    check(purpose.has_value(), "the table of usual events names purposes of the pack");
    out |= bit(*purpose);
  }
  return out;
}

}  // namespace

Events Events::usual(const Purposes& purposes) {
  Events out;
  for (const Usual& u : usual_rows) {
    const auto put = out.put(
        {.name = u.name,
         .owner = "hospes",
         .means_en = u.means_en,
         .means_fr = u.means_fr,
         .serves = mask_of(u.serves, purposes),
         .properties = u.properties},
        purposes
    );
    check(put.has_value(), "the table of usual events is well formed");
  }
  return out;
}

}  // namespace hospes::catalog
