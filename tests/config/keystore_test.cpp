#include "pipeline/config/keystore.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace penstock {
namespace {

class KeystoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "keystoreXXXXXX";
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ + "/" + std::string(Keystore::kFile);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void make(const std::string& password) {
    Keystore store = Keystore::create(path_, password);
    ASSERT_TRUE(store.set("ES_Password", "tops3cret").ok());
    ASSERT_TRUE(store.set("other.key", "ä \"quoted\"").ok());
    ASSERT_TRUE(store.save().ok());
  }
  std::string bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string failure(const Result<std::map<std::string, std::string>>& result) {
    return result.ok() ? "" : result.error().message;
  }

  std::string folder_, path_;
};

TEST_F(KeystoreTest, gives_back_what_was_put_in_whatever_the_case_of_the_name) {
  for (const char* password : {"", "a password"}) {
    make(password);
    const auto store = Keystore::open(path_, password);
    ASSERT_TRUE(store.ok()) << store.error().message;
    EXPECT_EQ(*store.value().find("es_PASSWORD"), "tops3cret");
    EXPECT_EQ(*store.value().find("OTHER.KEY"), "ä \"quoted\"");
    EXPECT_EQ(store.value().find("nothing"), nullptr);
    EXPECT_EQ(store.value().names(), (std::vector<std::string>{"es_password", "other.key"}));
  }
}

TEST_F(KeystoreTest, the_file_shows_nothing_and_is_its_owners_alone) {
  make("");
  EXPECT_EQ(bytes().find("tops3cret"), std::string::npos);
  EXPECT_EQ(bytes().find("es_password"), std::string::npos);
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  // Nothing is left beside it.
  size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder_)) files += file.exists();
  EXPECT_EQ(files, 1U);
}

TEST_F(KeystoreTest, a_wrong_password_opens_nothing_and_says_so) {
  make("right");
  EXPECT_NE(failure(unseal_keystore(bytes(), "wrong")).find("password is wrong"),
            std::string::npos);
  EXPECT_NE(failure(unseal_keystore(bytes(), "")).find("PENSTOCK_KEYSTORE_PASS"),
            std::string::npos);
  EXPECT_TRUE(Keystore::has_password(path_).value());
  make("");
  EXPECT_FALSE(Keystore::has_password(path_).value());
}

TEST_F(KeystoreTest, any_changed_byte_is_noticed) {
  make("");
  const std::string good = bytes();
  ASSERT_TRUE(unseal_keystore(good, "").ok());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(unseal_keystore(bad, "").ok()) << "byte " << i;
  }
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(unseal_keystore(good.substr(0, size), "").ok());
  EXPECT_FALSE(unseal_keystore(good + "x", "").ok());
}

TEST_F(KeystoreTest, a_newer_format_is_named) {
  make("");
  std::string newer = bytes();
  newer[7] = 2;
  EXPECT_NE(failure(unseal_keystore(newer, "")).find("version 2"), std::string::npos);
}

TEST_F(KeystoreTest, refuses_what_a_configuration_could_not_name_or_hold) {
  Keystore store = Keystore::create(path_, "");
  for (const char* name : {"", "1a", "a-b", "a b", "ä"}) EXPECT_FALSE(store.set(name, "x").ok());
  EXPECT_FALSE(store.set("a", "").ok());
  EXPECT_FALSE(store.set("a", "\xff").ok());
  EXPECT_FALSE(store.set("a", std::string("x\0y", 3)).ok());
  EXPECT_FALSE(store.set("a", std::string(Keystore::kValueBytesMax + 1, 'x')).ok());
}

TEST_F(KeystoreTest, comes_before_the_environment_and_that_before_the_default) {
  make("");
  const Environment outside = [](const std::string& name) -> const char* {
    return name == "ES_PASSWORD" || name == "HOST" ? "from outside" : nullptr;
  };
  const auto both = with_keystore(folder_, outside);
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(substitute_environment("${ES_PASSWORD} ${HOST} ${NADA:default}", both.value()).value(),
            "tops3cret from outside default");
}

TEST_F(KeystoreTest, one_that_is_there_and_can_not_be_opened_is_an_error) {
  make("a password");
  const auto none = [](const std::string&) -> const char* { return nullptr; };
  EXPECT_FALSE(with_keystore(folder_, none).ok());
  EXPECT_TRUE(with_keystore(folder_ + "/elsewhere", none).ok());
  EXPECT_TRUE(with_keystore(folder_, [](const std::string& name) -> const char* {
                return name == "LOGSTASH_KEYSTORE_PASS" ? "a password" : nullptr;
              }).ok());
}

}  // namespace
}  // namespace penstock
