#include "filters/pii/detector.h"

#include <gtest/gtest.h>

#include <chrono>

namespace penstock::pii {
namespace {

std::string scrub(std::string_view text, EntitySet wanted = kAllEntities) {
  std::vector<Finding> findings;
  find_all(text, wanted, 0, findings);
  std::string out;
  size_t at = 0;
  for (const Finding& finding : findings) {
    out += text.substr(at, finding.begin - at);
    out += kEntityMasks[finding.kind];
    at = finding.end;
  }
  return out += text.substr(at);
}

void stays(std::string_view text) { EXPECT_EQ(scrub(text), text); }

TEST(PiiDetector, files_units_and_packages_are_no_email) {
  stays("logo@2x.png user@1000.service lodash@4.17.21 @types/node@18.0.0 git@github.com:a/b.git");
  stays("Object@5f3a2b and a@b and @mention");
}

TEST(PiiDetector, emails_end_where_the_address_does) {
  EXPECT_EQ(scrub("<a.b+c@x.co.uk>, o'neil@x.org. (z@y.museum)"), "<[EMAIL]>, [EMAIL]. ([EMAIL])");
  EXPECT_EQ(scrub("q=a%40x.org&z info@münchen.de"), "q=[EMAIL]&z [EMAIL]");
}

TEST(PiiDetector, cards_need_issuer_and_checksum) {
  stays("4111111111111112 1234567890123452 4111-1111 1111-1111 0.4111111111111111");
  stays("blk_4111111111111111 id-4111111111111111 4111111111111111e5 a4111111111111111");
  EXPECT_EQ(scrub("4111111111111111, 3782 822463 10005"), "[PAYMENT_CARD], [PAYMENT_CARD]");
}

TEST(PiiDetector, ids_are_no_cards_unless_said_to_be) {
  stays("order_id=4111111111111111 /users/4111111111111111 ts: 4111111111111111");
  EXPECT_EQ(scrub("card_id=4111111111111111"), "card_id=[PAYMENT_CARD]");
}

TEST(PiiDetector, ssn_have_ranges) {
  stays("000-12-3456 666-12-3456 900-12-3456 123-00-4567 123-45-0000 123-45-67890 1123-45-6789");
  EXPECT_EQ(scrub("123-45-6789"), "[US_SSN]");
}

TEST(PiiDetector, undashed_ssn_need_a_word) {
  stays("123456789 123 45 6789 ssnx 123456789 lesson 123456789");
  EXPECT_EQ(scrub("SSN 123456789; ssn: 123 45 6789"), "SSN [US_SSN]; ssn: [US_SSN]");
  stays("ssn was not given by the applicant at 123456789");
}

TEST(PiiDetector, times_and_versions_are_no_addresses) {
  stays("12:30:45 01:02:03.004 std::vector a::b Chrome/126.0.0.0 version 1.2.3.4 1.3.6.1.4.1");
  stays("256.1.1.1 1.2.3 01.2.3.4 1.2.3.4.5");
  EXPECT_EQ(scrub("10.0.0.1:80 [::1] fe80::1%eth0 ::ffff:1.2.3.4 /10.0.0.2"),
            "[IP_ADDRESS]:80 [[IP_ADDRESS]] [IP_ADDRESS] [IP_ADDRESS] /[IP_ADDRESS]");
}

TEST(PiiDetector, macs_are_six_pairs) {
  stays("00:00:00:00:00:00 ff:ff:ff:ff:ff:ff 50:06:01:60:3b:a0:11:22 20-11-21-06-00-00");
  EXPECT_EQ(scrub("00:1B:44:11:3A:B7 001b.4411.3ab7"), "[MAC_ADDRESS] [MAC_ADDRESS]");
}

TEST(PiiDetector, iban_have_a_checksum) {
  stays("DE89370400440532013001 DE8937040044053201300 XX89370400440532013000");
  EXPECT_EQ(scrub("DE89 3704 0044 0532 0130 00."), "[IBAN].");
}

TEST(PiiDetector, bare_digits_are_no_phone) {
  stays("4155552671 +12 1795068000 2026-11-19 call 123456789 returned");
  EXPECT_EQ(scrub("phone 4155552671 or +442079460958"), "phone [PHONE] or [PHONE]");
}

TEST(PiiDetector, a_phone_ends_with_its_country_plan) {
  EXPECT_EQ(scrub("+44 20 7946 0958 200 15"), "[PHONE] 200 15");
}

TEST(PiiDetector, jwt_have_a_header) {
  stays("eyJmb28iOiJiYXIifQ.eyJzdWIiOiIxIn0.abc");  // {"foo":"bar"}
  EXPECT_EQ(scrub("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"), "[JWT]");
}

TEST(PiiDetector, passwords_in_all_their_forms) {
  EXPECT_EQ(scrub(R"({"password":"a b","x":1} {\"pwd\":\"q\"} pass=1&b)"),
            R"({"password":"[PASSWORD]","x":1} {\"pwd\":\"[PASSWORD]\"} pass=[PASSWORD]&b)");
  EXPECT_EQ(scrub("postgres://u:p@ss@db/x redis://:pw@h --password x IDENTIFIED BY 'y'"),
            "postgres://u:[PASSWORD]@db/x redis://:[PASSWORD]@h --password [PASSWORD] IDENTIFIED "
            "BY '[PASSWORD]'");
}

TEST(PiiDetector, words_about_passwords_are_no_passwords) {
  stays("password reset for bob; password: must be long; Failed password for root; password=");
  stays("password=null passwd=*** password=${DB_PASSWORD} token expired token=true token: 5");
}

TEST(PiiDetector, private_keys_go_whole_even_when_cut_off) {
  EXPECT_EQ(scrub("a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b"),
            "a [PRIVATE_KEY] b");
  EXPECT_EQ(scrub("-----BEGIN PRIVATE KEY-----\\nMIIEabc+/\\nQQ"), "[PRIVATE_KEY]");
  stays("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----");
}

TEST(PiiDetector, weak_kinds_need_their_word_nearby) {
  stays("123456789 C12345678 1980-03-12 00482913 medical 1234");
  EXPECT_EQ(scrub("passport C12345678, born 12 March 1980, MRN: 00482913"),
            "passport [US_PASSPORT], born [DATE_OF_BIRTH], MRN: [MEDICAL_RECORD_NUMBER]");
}

TEST(PiiDetector, finds_at_every_offset_of_a_block) {
  for (size_t pad = 0; pad < 140; ++pad) {
    const std::string before(pad, '.');
    for (const std::string_view value :
         {" bob@x.org ", " 4111 1111 1111 1111 ", " 123-45-6789 ", " 00:1b:44:11:3a:b7 ",
          " DE89370400440532013000 ", " pwd=x ", " AKIAIOSFODNN7EXAMPLE ", " 2001:db8::1 "}) {
      std::vector<Finding> findings;
      find_all(before + std::string(value) + before, kAllEntities, 0, findings);
      ASSERT_EQ(findings.size(), 1U) << value << " at " << pad;
      EXPECT_EQ(findings[0].begin, value == " pwd=x " ? pad + 5 : pad + 1);
      EXPECT_EQ(findings[0].end, pad + value.size() - 1);
    }
  }
}

TEST(PiiDetector, masks_the_rest_of_a_text_with_too_many_findings) {
  std::string text;
  for (size_t i = 0; i < kFindingsMax + 100; ++i) text += "a@b.cd ";
  std::vector<Finding> findings;
  find_all(text, kAllEntities, 0, findings);
  EXPECT_LE(findings.size(), kFindingsMax + 40);
  EXPECT_EQ(findings.back().end, text.size());
}

// Text made to be slow: each part invites a scanner to look far and finds nothing.
TEST(PiiDetector, hostile_text_costs_linear_time) {
  for (const std::string_view part : {"@",
                                      "a@",
                                      "://a:",
                                      "eyJ-",
                                      "eyJhbGciOiJIUzI1NiJ9.",
                                      "password=\"",
                                      "1 ",
                                      "1-",
                                      "+1 ",
                                      "sk-",
                                      "a:a:",
                                      "-----BEGIN PRIVATE KEY-----",
                                      "aws ",
                                      "dob ",
                                      "mysql ",
                                      "curl ",
                                      "bearer ",
                                      "%3D",
                                      "xoxb-1",
                                      "DE12 ",
                                      "1:",
                                      "::"}) {
    std::string text;
    while (text.size() < 200'000) text += part;
    const auto start = std::chrono::steady_clock::now();
    std::vector<Finding> findings;
    find_all(text, kAllEntities, 0, findings);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took.count(), 10.0) << part;  // a quadratic one takes minutes
  }
}

}  // namespace
}  // namespace penstock::pii
