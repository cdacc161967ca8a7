#include "filters/pii/redact.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "filters/pii/bytes.h"
#include "pipeline/base/check.h"

namespace penstock::pii {
namespace {

// A secret that has fewer characters than this loses all of them under `partial`.
constexpr size_t kPartialFrom = 9;
constexpr size_t kPartialKept = 4;

bool is_number_kind(uint8_t kind) {
  if (kind >= kEntities) return false;
  switch (static_cast<Entity>(kind)) {
    case Entity::payment_card:
    case Entity::us_ssn:
    case Entity::us_itin:
    case Entity::phone:
    case Entity::iban:
    case Entity::mac_address:
      return true;
    default:
      return false;
  }
}

bool is_secret_kind(uint8_t kind) {
  return kind == static_cast<uint8_t>(Entity::password) ||
         kind == static_cast<uint8_t>(Entity::private_key);
}

// One value, however it is written: a card's digits without spaces, an address in lower case.
void canonical(uint8_t kind, std::string_view text, std::string& out) {
  out.clear();
  const bool email = kind == static_cast<uint8_t>(Entity::email);
  if (!email && !is_number_kind(kind)) {
    out = text;
    return;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (email && has_word_at(text, i, "%40")) {
      out += '@';
      i += 2;
    } else if (email) {
      out += lower(text[i]);
    } else if (is_alnum(text[i])) {
      out += lower(text[i]);
    }
  }
}

// The last four characters, not bytes.
size_t last_four(std::string_view text) {
  size_t at = text.size();
  for (size_t n = 0; n < kPartialKept && at > 0; ++n) do
      --at;
    while (at > 0 && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80);
  return at;
}

}  // namespace

struct Hmac::Impl {
  EVP_MAC* mac = nullptr;
  EVP_MAC_CTX* context = nullptr;
};

Hmac::Hmac(std::string_view key) : impl_(std::make_unique<Impl>()) {
  impl_->mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  impl_->context = EVP_MAC_CTX_new(impl_->mac);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  CHECK(EVP_MAC_init(impl_->context, reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                     parameters) == 1,
        "HMAC-SHA-256 is part of every OpenSSL");
}

Hmac::~Hmac() {
  EVP_MAC_CTX_free(impl_->context);
  EVP_MAC_free(impl_->mac);
}

Hmac::Digest Hmac::digest(std::string_view text) {
  Digest out{};
  size_t size = 0;
  EVP_MAC_init(impl_->context, nullptr, 0, nullptr);  // again with the same key
  EVP_MAC_update(impl_->context, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  EVP_MAC_final(impl_->context, out.data(), &size, out.size());
  return out;
}

Redactor::Redactor(std::vector<std::string> masks, std::vector<Action> actions,
                   std::string_view hash_key)
    : masks_(std::move(masks)), actions_(std::move(actions)) {
  if (!hash_key.empty()) hmac_ = std::make_unique<Hmac>(hash_key);
}

void Redactor::append_hash(uint8_t kind, std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  canonical(kind, text, canonical_);
  const Hmac::Digest digest = hmac_->digest(canonical_);
  out += std::string_view(masks_[kind]).substr(0, masks_[kind].size() - 1);
  out += ':';
  for (size_t i = 0; i < kHashHexBytes / 2; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  out += ']';
}

void Redactor::append(uint8_t kind, std::string_view text, std::string& out) {
  switch (actions_[kind]) {
    case Action::mask:
      out += masks_[kind];
      return;
    case Action::partial:
      if (is_secret_kind(kind) || text.size() < kPartialFrom) {
        out += masks_[kind];
        return;
      }
      out += "****";
      out += text.substr(last_four(text));
      return;
    case Action::hash:
      append_hash(kind, text, out);
      return;
    case Action::remove:
      return;
    case Action::tag:
      out += text;
      return;
  }
}

bool Redactor::rewrite(std::string_view text, const Finding* findings, size_t count,
                       std::string& out) {
  out.clear();
  bool changed = false;
  size_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    const Finding& finding = findings[i];
    if (actions_[finding.kind] == Action::tag) continue;
    changed = true;
    out += text.substr(at, finding.begin - at);
    append(finding.kind, text.substr(finding.begin, finding.end - finding.begin), out);
    at = finding.end;
  }
  if (changed) out += text.substr(at);
  return changed;
}

}  // namespace penstock::pii
