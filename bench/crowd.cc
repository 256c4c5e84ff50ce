#include "bench/crowd.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace hospes::bench {
namespace {

constexpr double zipf_exponent = 0.99;
constexpr unsigned categories = 200;

std::string base64(std::string_view in) {
  static constexpr char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < in.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8 | (i + j < in.size() ? static_cast<unsigned char>(in[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j)
      out += i + j > in.size() ? '=' : alphabet[(bits >> (18 - 6 * j)) & 63];
  }
  return out;
}

std::vector<float> zipf_cumulative(std::uint32_t people) {
  std::vector<float> out(people);
  double sum = 0;
  for (std::uint32_t rank = 0; rank < people; ++rank) {
    sum += std::pow(static_cast<double>(rank) + 1, -zipf_exponent);
    out[rank] = static_cast<float>(sum);
  }
  return out;
}

}  // namespace

Crowd::Crowd(CrowdOptions options)
    : options_(std::move(options)),
      dice_(options_.seed),
      cumulative_(zipf_cumulative(options_.people)) {}

std::string Crowd::message_id(std::uint64_t number) const {
  return fmt::format("{}-{:012}", options_.message_prefix, number);
}

std::string Crowd::user_id(std::uint32_t person) { return fmt::format("u{:09}", person); }

std::uint32_t Crowd::somebody() {
  if (options_.people == 0 || dice_.chance(options_.first_seen_percent))
    return options_.people + newcomers_++;
  const auto part = static_cast<float>(dice_.next() >> 40) / static_cast<float>(1U << 24);
  const auto at = std::ranges::lower_bound(cumulative_, part * cumulative_.back());
  return static_cast<std::uint32_t>(std::min(at, cumulative_.end() - 1) - cumulative_.begin());
}

void Crowd::write_event(
    std::string_view stamp, std::uint32_t person, std::uint64_t message, std::string& out
) {
  static constexpr std::array names = {
      "Product Viewed", "Product Viewed", "Product Viewed", "Product Viewed", "Product Viewed",
      "Product Viewed", "Product Added",  "Product Added",  "Cart Viewed",    "Order Completed"};
  const std::string_view name = names[dice_.below(names.size())];
  const auto product = dice_.below(50'000);
  auto to = std::back_inserter(out);
  fmt::format_to(
      to,
      R"({{"type":"track","event":"{}","userId":"u{:09}","messageId":"{}-{:012}","timestamp":"{}",)",
      name, person, options_.message_prefix, message, stamp
  );
  if (name == "Order Completed") {
    fmt::format_to(to, R"("properties":{{"order_id":"o{:012}",)", message);
  } else {
    fmt::format_to(
        to, R"("properties":{{"product_id":"p{:05}","category":"c{:03}",)", product,
        product % categories
    );
  }
  fmt::format_to(
      to, R"("{}":{}.{:02},"currency":"EUR"}},)", name == "Order Completed" ? "total" : "price",
      5 + dice_.below(195), dice_.below(100)
  );
  out +=
      R"("context":{"library":{"name":"hospes-bench","version":"1"},"consent":{"categoryPreferences":)"
      R"({"measure":true,"personalise":true,"market":true}}}})";
}

void Crowd::next(Instant now, Batch& out) {
  out.body.assign(R"({"batch":[)");
  out.messages.clear();
  out.people.clear();
  const std::string stamp = to_string(now);
  for (unsigned i = 0; i < options_.events_per_batch; ++i) {
    const std::uint32_t person = somebody();
    if (person >= seen_.size()) seen_.resize(person + person / 2 + 1'024);
    distinct_ += seen_[person] ? 0 : 1;
    seen_[person] = true;
    if (i > 0) out.body += ',';
    write_event(stamp, person, messages_, out.body);
    out.messages.push_back(messages_++);
    out.people.push_back(person);
  }
  out.body += R"(],"sentAt":")" + stamp + R"("})";
}

std::string http_post(std::string_view path, std::string_view write_key, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: "
      "Basic {}\r\n"
      "Content-Length: {}\r\n\r\n{}",
      path, base64(std::string(write_key) + ":"), body.size(), body
  );
}

}  // namespace hospes::bench
