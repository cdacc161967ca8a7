#include "codecs/collectd.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <filesystem>
#include <fstream>

#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded;
using namespace std::string_literals;

std::string number(uint64_t value, size_t size) {
  std::string out;
  for (size_t i = size; i-- > 0;) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string part(uint16_t type, std::string_view body) {
  return number(type, 2) + number(body.size() + 4, 2) + std::string(body);
}

std::string text(uint16_t type, std::string_view body) {
  return part(type, std::string(body) + '\0');
}

std::string values(std::string_view kinds, std::string_view numbers) {
  return part(6, number(kinds.size(), 2) + std::string(kinds) + std::string(numbers));
}

const std::string kOne = "\x00\x00\x00\x00\x00\x00\xF0\x3F"s;  // 1.0, little-endian
const std::string kNan = "\x00\x00\x00\x00\x00\x00\xF8\x7F"s;
const std::string kHead = text(0, "h") + part(1, number(1'000'000'000, 8)) + text(2, "load") +
                          text(3, "") + text(4, "load") + text(5, "");

TEST(CollectdCodec, reads_values_by_the_names_of_their_type) {
  EXPECT_EQ(decoded("collectd", "", kHead + values("\1\1\1", kOne + kOne + kOne), Ecs::disabled,
                    false, true),
            R"({"@timestamp":"2001-09-09T01:46:40.000Z","collectd_type":"load","host":"h",)"
            R"("longterm":1.0,"midterm":1.0,"plugin":"load","shortterm":1.0})");
}

TEST(CollectdCodec, a_single_value_is_called_value_and_state_goes_on) {
  EXPECT_EQ(decoded("collectd", "",
                    text(2, "a") + values("\0"s, number(7, 8)) + text(5, "x") +
                        values("\2"s, number(static_cast<uint64_t>(-7), 8))),
            "{\"plugin\":\"a\",\"value\":7}\n"
            "{\"plugin\":\"a\",\"type_instance\":\"x\",\"value\":-7}");
}

TEST(CollectdCodec, values_without_names_are_an_array) {
  EXPECT_EQ(decoded("collectd", "", text(4, "my") + values("\0\0"s, number(1, 8) + number(2, 8))),
            R"({"collectd_type":"my","values":[1,2]})");
}

TEST(CollectdCodec, knows_times_and_messages) {
  EXPECT_EQ(decoded("collectd", "",
                    part(8, number((uint64_t{1'000'000'000} << 30) + (1U << 29), 8)) +
                        part(257, number(4, 8)) + text(256, "hot"),
                    Ecs::disabled, false, true),
            R"({"@timestamp":"2001-09-09T01:46:40.500Z","message":"hot","severity":4})");
  EXPECT_EQ(decoded("collectd", "", part(7, number(10, 8))), "");
  EXPECT_EQ(decoded("collectd", "prune_intervals => false", part(9, number(uint64_t{10} << 30, 8))),
            R"({"interval":10})");
}

TEST(CollectdCodec, replaces_or_drops_gauges_that_are_no_number) {
  EXPECT_EQ(decoded("collectd", "", values("\1", kNan)), R"({"tags":["_collectdNaN"],"value":0})");
  EXPECT_EQ(decoded("collectd", "nan_value => 1.5", values("\1", kNan)),
            R"({"tags":["_collectdNaN"],"value":1.5})");
  EXPECT_EQ(decoded("collectd", "nan_handling => drop", values("\1", kNan) + values("\1", kOne)),
            "");
}

TEST(CollectdCodec, malformed_ends_are_left_out) {
  EXPECT_EQ(decoded("collectd", "", values("\1", kOne) + "\0"s), R"({"value":1.0})");
  EXPECT_EQ(decoded("collectd", "", values("\1", kOne) + "\0\0\0\3"s), R"({"value":1.0})");
  EXPECT_EQ(decoded("collectd", "", part(6, "\0\1\1abc"s)), "");
  EXPECT_EQ(decoded("collectd", "", values("\7", kOne)), "");
}

TEST(CollectdCodec, puts_the_whole_into_the_target) {
  EXPECT_EQ(decoded("collectd", R"(target => "c")", text(2, "a") + values("\1", kOne)),
            R"({"c":{"plugin":"a","value":1.0}})");
}

class CollectdSecurity : public testing::Test {
 protected:
  CollectdSecurity() : path_(testing::TempDir() + "collectd_users") {
    std::ofstream(path_) << "anna: secret\nbroken\n";
  }
  ~CollectdSecurity() override { std::filesystem::remove(path_); }
  std::string run(std::string_view level, std::string_view packet) {
    return decoded("collectd",
                   "security_level => " + std::string(level) + " authfile => \"" + path_ + "\"",
                   packet);
  }
  static std::string signed_packet(std::string_view user, std::string_view key,
                                   const std::string& rest) {
    unsigned char sum[32];
    unsigned size = 0;
    const std::string covered = std::string(user) + rest;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(covered.data()), covered.size(), sum, &size);
    return part(512, std::string(reinterpret_cast<char*>(sum), 32) + std::string(user)) + rest;
  }
  static std::string encrypted(std::string_view user, std::string_view secret,
                               const std::string& rest) {
    unsigned char key[32], sum[20];
    unsigned size = 0;
    EVP_Digest(secret.data(), secret.size(), key, &size, EVP_sha256(), nullptr);
    EVP_Digest(rest.data(), rest.size(), sum, &size, EVP_sha1(), nullptr);
    const std::string plain = std::string(reinterpret_cast<char*>(sum), 20) + rest;
    const std::string start(16, 'i');
    std::string cipher(plain.size(), '\0');
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    int done = 0;
    EVP_EncryptInit_ex(context, EVP_aes_256_ofb(), nullptr, key,
                       reinterpret_cast<const unsigned char*>(start.data()));
    EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(cipher.data()), &done,
                      reinterpret_cast<const unsigned char*>(plain.data()),
                      static_cast<int>(plain.size()));
    EVP_CIPHER_CTX_free(context);
    return part(528, number(user.size(), 2) + std::string(user) + start + cipher);
  }
  std::string path_;
};

const std::string kPlain = values("\1", kOne);

TEST_F(CollectdSecurity, sign_wants_a_good_signature_or_more) {
  EXPECT_EQ(run("Sign", signed_packet("anna", "secret", kPlain)), R"({"value":1.0})");
  EXPECT_EQ(run("Sign", encrypted("anna", "secret", kPlain)), R"({"value":1.0})");
  EXPECT_EQ(run("Sign", signed_packet("anna", "wrong", kPlain)), "");
  EXPECT_EQ(run("Sign", signed_packet("bob", "secret", kPlain)), "");
  EXPECT_EQ(run("Sign", kPlain), "");
}

TEST_F(CollectdSecurity, encrypt_wants_an_encrypted_packet) {
  EXPECT_EQ(run("Encrypt", encrypted("anna", "secret", kPlain)), R"({"value":1.0})");
  EXPECT_EQ(run("Encrypt", encrypted("anna", "wrong", kPlain)), "");
  EXPECT_EQ(run("Encrypt", signed_packet("anna", "secret", kPlain)), "");
  EXPECT_EQ(run("Encrypt", part(528, "\0\xFF"s)), "");
  EXPECT_EQ(run("None", encrypted("anna", "secret", kPlain)), R"({"value":1.0})");
}

TEST_F(CollectdSecurity, needs_its_file) {
  EXPECT_NE(test::make_error("collectd", "security_level => Sign").find("authfile"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock
