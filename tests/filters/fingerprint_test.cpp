#include "filters/fingerprint.h"

#include <gtest/gtest.h>

#include "filters/support/digest.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

// The fingerprint as JSON, or all of the event when there is none.
std::string of(std::string_view json, const std::string& options) {
  FilterRun run(fingerprint_filter(), options + " target => \"zz\"");
  const std::string out = run.one(json);
  const size_t at = out.find("\"zz\":");
  return at == out.npos ? out : out.substr(at + 5, out.size() - at - 6);
}

std::string hex(const std::string& method, std::string_view text, const char* key = nullptr) {
  auto digest = Digest::make(method, key ? std::optional<std::string>(key) : std::nullopt);
  if (!digest.ok()) return digest.error().message;
  uint8_t bytes[Digest::kBytesMax];
  std::string out;
  append_hex(bytes, digest.value().hash(text, bytes), out);
  return out;
}

TEST(Fingerprint, digests_of_known_texts) {
  EXPECT_EQ(hex("SHA1", "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex("MD5", ""), "d41d8cd98f00b204e9800998ecf8427e");
  // RFC 4231, case 2, and case 6, whose key is longer than a block.
  EXPECT_EQ(hex("SHA256", "what do ya want for nothing?", "Jefe"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex("SHA256", "Test Using Larger Than Block-Size Key - Hash Key First",
                std::string(131, '\xaa').c_str()),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Fingerprint, murmur3_of_known_texts) {
  EXPECT_EQ(murmur3_32("hello", 0), 0x248bfa47U);
  EXPECT_EQ(murmur3_32("", 1), 0x514e28b7U);
  EXPECT_EQ(murmur3_32("aaaa", 0x9747b28c), 0x5a97808aU);
}

TEST(Fingerprint, integers_are_hashed_by_their_bytes) {
  EXPECT_EQ(of(R"({"message":"123"})", "method => MURMUR3") ==
                of(R"({"message":123})", "method => MURMUR3"),
            false);
  EXPECT_EQ(of(R"({"message":123})", "method => MURMUR3"), "823512154");
  EXPECT_EQ(of(R"({"message":123})", "method => MURMUR3_128"),
            "\"286816c693ac410ed63e1430dcd6f6fe\"");
}

TEST(Fingerprint, of_several_fields_the_last_counts) {
  EXPECT_EQ(of(R"({"a":"x","b":"abc"})", R"(source => ["a", "b", "c"])"),
            "\"" + hex("SHA1", "abc") + "\"");
}

TEST(Fingerprint, items_of_an_array_singly) {
  EXPECT_EQ(of(R"({"message":["abc",1]})", ""),
            "[\"" + hex("SHA1", "abc") + "\",\"" + hex("SHA1", "1") + "\"]");
}

TEST(Fingerprint, concatenation_sorts_names_and_members) {
  EXPECT_EQ(of(R"({"b":{"z":[1,null],"y":true},"a":"x"})",
               R"(source => ["b", "a", "none"] concatenate_sources => true)"),
            "\"" + hex("SHA1", "|a|x|b|y|true|z|1||none||") + "\"");
}

TEST(Fingerprint, all_fields) {
  EXPECT_EQ(of(R"({"b":1.5,"a":"x"})", "concatenate_all_fields => true"),
            "\"" + hex("SHA1", "|a|x|b|1.5|") + "\"");
}

TEST(Fingerprint, base64_and_keys) {
  EXPECT_EQ(
      of(R"({"message":"123.123.123.123"})", R"(key => "longencryptionkey" base64encode => true)"),
      "\"/cYKzEdz3FrFaf+3j8uTyWMHl/Q=\"");
}

TEST(Fingerprint, networks_of_both_kinds) {
  const std::string options = R"(method => IPV4_NETWORK key => 16)";
  EXPECT_EQ(of(R"({"message":"1.2.3.4"})", options), "\"1.2.0.0\"");
  EXPECT_EQ(of(R"({"message":"2001:db8:1::1"})", options), "\"2001::\"");
  EXPECT_NE(of(R"({"message":"nowhere"})", options).find("_fingerprintfailure"), std::string::npos);
  EXPECT_NE(test::make_error(fingerprint_filter(), "method => IPV4_NETWORK"), "");
}

TEST(Fingerprint, punctuation_of_any_script) {
  EXPECT_EQ(of(R"({"message":"a-b (c) = 1€!"})", "method => PUNCTUATION"), "\"-()=€!\"");
  EXPECT_EQ(of(R"({"message":"a_b\tc~"})", "method => PUNCTUATION"), "\"_~\"");
}

TEST(Fingerprint, uuids_are_random_and_well_formed) {
  const std::string first = of("{}", "method => UUID"), second = of("{}", "method => UUID");
  ASSERT_EQ(first.size(), 38U);
  EXPECT_EQ(first[15], '4');
  EXPECT_NE(std::string("89ab").find(first[20]), std::string::npos);
  EXPECT_NE(first, second);
}

TEST(Fingerprint, the_target_follows_the_ecs_mode) {
  Context context = test::test_context();
  context.ecs = Ecs::v8;
  FilterRun ecs(fingerprint_filter(), "method => MURMUR3", context);
  EXPECT_EQ(ecs.one(R"({"message":"hello"})"), R"({"event":{"hash":613153351},"message":"hello"})");
  context.ecs = Ecs::disabled;
  FilterRun legacy(fingerprint_filter(), "method => MURMUR3", context);
  EXPECT_EQ(legacy.one(R"({"message":"hello"})"), R"({"fingerprint":613153351,"message":"hello"})");
}

}  // namespace
}  // namespace penstock
