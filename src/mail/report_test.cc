#include "mail/report.h"

#include <gtest/gtest.h>

namespace hospes::mail {
namespace {

const std::string key = "0123456789abcdef0123456789abcdef";
const std::string address = "fedcba9876543210fedcba98";

/// RFC 3464, appendix E, with our names in it.
std::string bounce(
    std::string_view to, std::string_view status, std::string_view action = "failed"
) {
  return "From: MAILER-DAEMON@relay.example\r\nTo: " + std::string(to) +
         "\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; "
         "report-type=delivery-status;\r\n\tboundary=\"b-1\"\r\n\r\n"
         "--b-1\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
         "--b-1\r\nContent-Type: message/delivery-status\r\n\r\n"
         "Reporting-MTA: dns; relay.example\r\n\r\n"
         "Original-Recipient: rfc822;zoe@example.org\r\nFinal-Recipient: rfc822; "
         "zoe@example.org\r\n"
         "Action: " +
         std::string(action) + "\r\nStatus: " + std::string(status) +
         "\r\nDiagnostic-Code: smtp; 550 no such\r\n user here\r\n\r\n"
         "--b-1\r\nContent-Type: message/rfc822\r\n\r\n"
         "From: bonjour@mail.disquaire.example\r\nTo: Zoe@Example.org\r\nMessage-ID: <" +
         key + "." + address + "@mail.disquaire.example>\r\n\r\nbody\r\n--b-1--\r\n";
}

TEST(Report, a_bounce_names_its_effect_by_the_return_path) {
  const auto read = parse_report(
      bounce("b+" + key.substr(0, 16) + "." + address + "@mail.disquaire.example", "5.1.1")
  );
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, Report::Kind::bounce);
  EXPECT_TRUE(read->permanent);
  EXPECT_EQ(read->status, "5.1.1");
  EXPECT_EQ(read->address, "zoe@example.org");
  EXPECT_EQ(read->effect, key.substr(0, 16));
  EXPECT_EQ(read->address_name, address);
}

TEST(Report, else_by_the_message_it_is_about) {
  const auto read = parse_report(bounce("postmaster@mail.disquaire.example", "4.2.2", "delayed"));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->permanent);
  EXPECT_EQ(read->status, "4.2.2");
  EXPECT_EQ(read->address_name, address);
}

TEST(Report, a_complaint_is_one_and_not_spam_is_none) {
  const auto arf = [](std::string_view type) {
    return "From: feedback@provider.example\nTo: fbl@mail.disquaire.example\n"
           "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n"
           "--x\nContent-Type: text/plain\n\nA user said so.\n"
           "--x\nContent-Type: message/feedback-report\n\nFeedback-Type: " +
           std::string(type) +
           "\nUser-Agent: p/1\nVersion: 1\nOriginal-Rcpt-To: <zoe@example.org>\n\n"
           "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" +
           key + "." + address + "@m.example>\n\n--x--\n";
  };
  const auto read = parse_report(arf("abuse"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, Report::Kind::complaint);
  EXPECT_FALSE(read->permanent);
  EXPECT_EQ(read->address, "zoe@example.org");
  EXPECT_EQ(read->address_name, address);
  EXPECT_FALSE(parse_report(arf("not-spam")));
}

TEST(Report, what_is_neither_is_nothing) {
  EXPECT_FALSE(parse_report(""));
  EXPECT_FALSE(parse_report("To: a@b.example\r\n\r\nBonjour"));
  EXPECT_FALSE(parse_report("Content-Type: multipart/report; boundary=\"\"\n\n--\n"));
  EXPECT_FALSE(parse_report("Content-Type: multipart/mixed; boundary=a\n\n--a\n--a\n--a"));
  EXPECT_FALSE(parse_report(std::string(report_bytes_max + 1, 'x')));
}

TEST(Report, only_five_codes_end_an_address) {
  for (const std::string_view code : {"5.1.1", "5.1.2", "5.1.3", "5.1.10", "5.2.1"})
    EXPECT_TRUE(ends_address(code));
  for (const std::string_view code : {"5.2.2", "4.1.1", "5.7.1", "", "5.1.11"})
    EXPECT_FALSE(ends_address(code));
}

}  // namespace
}  // namespace hospes::mail
