// Mail: rendered, signed twice, handed to a relay on loopback, 30 kB. One sending thread, as a lane
// has.
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "activate/letters.h"
#include "activate/wire.h"
#include "base/check.h"
#include "bench/commands.h"
#include "bench/options.h"
#include "bench/smtp_sink.h"
#include "bench/stats.h"
#include "mail/dkim.h"
#include "outbox/permit.h"

namespace hospes::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view domain = "mail.shop.example";
constexpr std::size_t html_bytes = 14'500;  // and its text part: 30 kB

/// A folder that goes with it.
struct Folder {
  fs::path path;
  explicit Folder(const std::string& under)
      : path(fs::path(under) / fmt::format("hospes-bench-mail-{}", ::getpid())) {
    fs::create_directories(path / "messages");
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

void write(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

void write_key(const fs::path& path, EVP_PKEY* key) {
  check(key != nullptr);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  check(
      file != nullptr && PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr) == 1
  );
  std::fclose(file);
  EVP_PKEY_free(key);
}

/// A newsletter: some values, a loop, and paragraphs until it is as long as one is.
std::string message() {
  std::string out =
      "---\nsubject: \"{{ person.firstName }}, what came in this "
      "week\"\n---\n<html><body><h1>Hello "
      "{{ person.firstName | default: \"you\" }}</h1>{% for i in (1..12) %}<p>{{ forloop.index }}. "
      "{{ house.name }}: {{ i | times: 12.5 | money: \"EUR\" }}, {{ \"now\" | date: \"%A %-d %B\" "
      "}}</p>"
      "{% endfor %}<p><a href=\"{{ unsubscribe_url }}\">out</a></p>\n";
  while (out.size() < html_bytes)
    out +=
        "<p style=\"font-family:Georgia,serif;color:#222\">Un disque, une histoire\u00a0: "
        "\u00e9t\u00e9 1997, "
        "une cave, deux micros, et tout ce que la nuit laissait passer.</p>\n";
  return out + "</body></html>\n";
}

double thread_us() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

/// CPU of one RSA signature of this machine: of every message, the part that no code of ours can make less.
Result<double> rsa_us(const fs::path& pem) {
  std::ifstream in(pem, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const mail::DkimKey key = TRY(mail::DkimKey::read("r", text));
  const std::string block(1'500, 'h');
  constexpr unsigned times = 300;
  const double before = thread_us();
  for (unsigned i = 0; i < times; ++i) TRY(key.sign(block));
  return (thread_us() - before) / times;
}

activate::Reading person(unsigned i) {
  activate::Reading out;
  out.address = fmt::format("person{}@example.org", i);
  out.address_atom = {i + 1, 7};
  out.language = "en";
  out.person = {
      {"firstName", liquid::Value(fmt::format("Person {}", i))},
      {"email", liquid::Value(out.address)}};
  return out;
}

/// A permit as a lane gets it: of a purpose on contract, which heeds no answer.
outbox::Permit permit(const outbox::Rule& rule, const outbox::Effect& effect, Instant now) {
  auto answer = outbox::ask(
      {.effect = effect,
       .rule = &rule,
       .anchor = {1, 1},
       .person = {},
       .firm = {},
       .now = now,
       .read = {}}
  );
  return std::get<outbox::Permit>(std::move(answer));
}

struct Run {
  double made_us = 0, whole_us = 0, seconds = 0;
};

class Sending {
 public:
  Sending(const activate::Letters& letters, activate::Wire& wire) : letters_(letters), wire_(wire) {
    rule_.basis = outbox::Basis::heedless;
    rule_.zone = &zones::utc();
  }

  Result<Run> run(unsigned count) {
    Run out;
    const auto began = std::chrono::steady_clock::now();
    const double cpu = thread_us();
    TRY(wire_.aim(began));
    for (unsigned sent = 0, done = 0; done < count;) {
      while (sent < count && !wire_.full()) {
        const double before = thread_us();
        open(sent++);
        out.made_us += thread_us() - before;
      }
      for (const auto number : wire_.asking()) bring(number);
      for (const activate::Wire::Done& one : wire_.run()) {
        if (one.reply.status != 250)
          return fail(Code::unavailable, "the sink did not take a message: " + one.reply.error);
        ++done;
      }
      for (const auto number : wire_.asking()) bring(number);
      wire_.wait(std::chrono::milliseconds(1));
    }
    out.whole_us = (thread_us() - cpu) / count;
    out.made_us /= count;
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return out;
  }

 private:
  void open(unsigned i) {
    const Hash128 key{++number_, i};
    auto made = letters_.make("news", person(i), {.key = key, .now = {1'795'780'800'000'000}});
    auto& posted = std::get<activate::Posted>(made);
    outbox::Plan plan(key, std::move(posted.content));
    wire_.open_request(
        number_, {.headers = {},
                  .content_bytes = plan.content_bytes(),
                  .sender = std::move(posted.sender),
                  .recipient = std::move(posted.recipient)}
    );
    plans_.emplace(number_, std::move(plan));
  }

  void bring(activate::Wire::Number number) {
    auto plan = plans_.extract(number);
    const Instant now{1'795'780'800'000'000};
    outbox::Effect effect{.key = plan.mapped().effect()};
    effect.passage.at = now;
    wire_.bring(
        number, outbox::Sendable(std::move(plan.mapped()), permit(rule_, effect, now)),
        std::make_shared<activate::Flight>(Mask{0}, std::vector<AtomId>{})
    );
  }

  const activate::Letters& letters_;
  activate::Wire& wire_;
  outbox::Rule rule_;
  std::map<activate::Wire::Number, outbox::Plan> plans_;
  std::uint64_t number_ = 0;
};

}  // namespace

Result<Report> mail_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, {{"folder", "."}, {"runs", "5"}, {"messages", "3000"}, {"connections", "8"}}
  ));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));
  const auto count = static_cast<unsigned>(TRY(options.number("messages", 1, 1e7)));
  const Folder folder(options.text("folder"));
  write(folder.path / "messages/news.en.liquid", message());
  write_key(folder.path / "ed.pem", EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  write_key(folder.path / "rsa.pem", EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
  const auto sink = TRY(SmtpSink::open());
  catalog::Destination to{
      .name = "sink", .url = fmt::format("smtp://127.0.0.1:{}", sink->port()), .secret_file = {}};
  to.mail = catalog::MailRoute{
      .user = {},
      .password_file = {},
      .tls = false,
      .ca_file = {},
      .from = fmt::format("Shop <news@{}>", domain),
      .domain = std::string(domain),
      .bounces = {},
      .public_url = "https://shop.example",
      .dkim = {{"e", "ed.pem"}, {"r", "rsa.pem"}}};
  const mail::Messages messages = TRY(mail::Messages::read(folder.path.string()));
  const mail::TokenKey tokens{HashSecret{}};
  const auto letters = TRY(activate::Letters::open(
      to, folder.path.string(), {messages, tokens, "Shop", "en", &zones::utc()}
  ));
  const std::vector<std::string> loopback{"127.0.0.0/8"};
  const auto allowed = TRY(activate::Allowed::parse(loopback));
  const auto connections = static_cast<unsigned>(TRY(options.number("connections", 1, 256)));
  const auto wire = TRY(activate::Wire::open(
      {.url = to.url,
       .smtp =
           activate::SmtpOptions{
               .user = {}, .password = {}, .hello = std::string(domain), .tls = false},
       .connections = connections},
      allowed
  ));
  Sending sending(letters, *wire);
  std::vector<double> made, whole, rates, rsa;
  for (unsigned i = 0; i < runs; ++i) {
    rsa.push_back(TRY(rsa_us(folder.path / "rsa.pem")));
    const Run run = TRY(sending.run(count));
    made.push_back(run.made_us);
    whole.push_back(run.whole_us);
    rates.push_back(count / run.seconds);
  }
  if (sink->messages() != std::uint64_t{runs} * count)
    return fail(Code::corrupt, "the sink counts other messages than were sent");
  Report report;
  report.text("workload", "mail");
  report.whole("runs", runs);
  report.whole("messages_a_run", count);
  report.whole("bytes_a_message", sink->bytes() / sink->messages());
  report.number("messages_per_second", median(rates));
  report.number("cpu_us_rsa_2048", median(rsa));
  report.number("cpu_us_rendered_and_signed", median(made));
  report.number("cpu_us_whole", median(whole));
  report.number("messages_per_second_per_core", 1e6 / median(whole));
  report.object("measured_on", core_surroundings());
  return report;
}

}  // namespace hospes::bench
