// The vendors whose keys have a form of their own. A row is all that a new one needs.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::pii {

// The alphabet of what follows a prefix.
enum class Alphabet : uint8_t { alnum, word, base64url, hex, lower_hex, dotted };

// Prefixes and lengths as the vendors document them or as their public secret-scanning formats
// show; `exact` means nothing longer is a key. Order doesn't matter, longer prefixes win by length.
struct Vendor {
  std::string_view prefix;
  Alphabet alphabet;
  uint16_t min;  // bytes after the prefix
  bool exact = false;
  bool mixed = false;  // must hold a digit, as words could follow such a prefix
};
inline constexpr Vendor kVendors[] = {
    {"ghp_", Alphabet::alnum, 30},
    {"gho_", Alphabet::alnum, 30},
    {"ghu_", Alphabet::alnum, 30},
    {"ghs_", Alphabet::base64url, 30},
    {"ghr_", Alphabet::alnum, 30},
    {"github_pat_", Alphabet::word, 22},
    {"glpat-", Alphabet::dotted, 20},
    {"gldt-", Alphabet::base64url, 20},
    {"glptt-", Alphabet::base64url, 20},
    {"glrt-", Alphabet::dotted, 20},
    {"glsoat-", Alphabet::base64url, 20},
    {"glcbt-", Alphabet::base64url, 20},
    {"glft-", Alphabet::base64url, 20},
    {"gloas-", Alphabet::base64url, 20},
    {"glagent-", Alphabet::base64url, 20},
    {"xoxb-", Alphabet::base64url, 10, false, true},
    {"xoxp-", Alphabet::base64url, 10, false, true},
    {"xoxa-", Alphabet::base64url, 10, false, true},
    {"xoxr-", Alphabet::base64url, 10, false, true},
    {"xoxs-", Alphabet::base64url, 10, false, true},
    {"xoxo-", Alphabet::base64url, 10, false, true},
    {"xoxc-", Alphabet::base64url, 10, false, true},
    {"xoxd-", Alphabet::base64url, 10, false, true},
    {"xoxe-", Alphabet::base64url, 10, false, true},
    {"xoxe.xox", Alphabet::base64url, 10, false, true},
    {"xapp-", Alphabet::base64url, 10, false, true},
    {"sk_live_", Alphabet::alnum, 10},
    {"sk_test_", Alphabet::alnum, 10},
    {"rk_live_", Alphabet::alnum, 10},
    {"rk_test_", Alphabet::alnum, 10},
    {"pk_live_", Alphabet::alnum, 10},
    {"pk_test_", Alphabet::alnum, 10},
    {"whsec_", Alphabet::base64url, 16, false, true},
    {"aiza", Alphabet::base64url, 35},
    {"gocspx-", Alphabet::base64url, 20},
    {"ya29.", Alphabet::dotted, 20},
    {"sg.", Alphabet::dotted, 40, false, true},
    {"sk", Alphabet::lower_hex, 32, true},
    {"npm_", Alphabet::alnum, 30},
    {"pypi-", Alphabet::base64url, 40},
    {"sk-ant-", Alphabet::base64url, 20, false, true},
    {"sk-proj-", Alphabet::base64url, 20, false, true},
    {"sk-svcacct-", Alphabet::base64url, 20, false, true},
    {"sk-admin-", Alphabet::base64url, 20, false, true},
    {"sk-or-v1-", Alphabet::hex, 40},
    {"sk-", Alphabet::alnum, 20, false, true},
    {"sk-none-", Alphabet::base64url, 20, false, true},
    {"gsk_", Alphabet::alnum, 32},
    {"xai-", Alphabet::alnum, 40},
    {"pplx-", Alphabet::alnum, 32},
    {"hf_", Alphabet::alnum, 30},
    {"api_org_", Alphabet::alnum, 30},
    {"r8_", Alphabet::alnum, 30},
    {"dapi", Alphabet::lower_hex, 32},
    {"dop_v1_", Alphabet::hex, 32},
    {"doo_v1_", Alphabet::hex, 32},
    {"dor_v1_", Alphabet::hex, 32},
    {"shpat_", Alphabet::hex, 32},
    {"shpss_", Alphabet::hex, 32},
    {"shpca_", Alphabet::hex, 32},
    {"shppa_", Alphabet::hex, 32},
    {"sq0atp-", Alphabet::base64url, 22},
    {"sq0csp-", Alphabet::base64url, 30},
    {"eaaa", Alphabet::base64url, 56},
    {"eaac", Alphabet::alnum, 80},
    {"key-", Alphabet::lower_hex, 32, true},
    {"lin_api_", Alphabet::alnum, 32},
    {"ntn_", Alphabet::alnum, 40},
    {"secret_", Alphabet::alnum, 43, true},
    {"dp.pt.", Alphabet::alnum, 40},
    {"dp.st.", Alphabet::dotted, 40},
    {"glsa_", Alphabet::word, 32},
    {"glc_", Alphabet::base64url, 32},
    {"nrak-", Alphabet::alnum, 27},
    {"sntrys_", Alphabet::base64url, 40},
    {"sntryu_", Alphabet::hex, 64},
    {"pscale_tkn_", Alphabet::base64url, 32},
    {"pscale_pw_", Alphabet::base64url, 32},
    {"pul-", Alphabet::hex, 40},
    {"rubygems_", Alphabet::hex, 48},
    {"hvs.", Alphabet::base64url, 24},
    {"hvb.", Alphabet::base64url, 24},
    {"age-secret-key-1", Alphabet::alnum, 50},
    {"dckr_pat_", Alphabet::base64url, 24},
    {"dckr_oat_", Alphabet::base64url, 24},
    {"figd_", Alphabet::base64url, 32},
    {"atatt3", Alphabet::base64url, 60},
    {"atbb", Alphabet::alnum, 28},
    {"pmak-", Alphabet::base64url, 40},
    {"sbp_", Alphabet::hex, 40},
    {"ltai", Alphabet::alnum, 16, false, true},
    {"akcp", Alphabet::alnum, 60},
    {"nfp_", Alphabet::alnum, 36},
    {"cio", Alphabet::alnum, 32, true},
    {"hrku-", Alphabet::base64url, 36},
    {"ccipat_", Alphabet::word, 32},
    {"tfp_", Alphabet::base64url, 36},
    {"phc_", Alphabet::alnum, 40},
    {"phx_", Alphabet::alnum, 40},
    {"sk_", Alphabet::hex, 32},
    {"nvapi-", Alphabet::base64url, 50},
    {"apify_api_", Alphabet::alnum, 30},
    {"rdme_", Alphabet::alnum, 60},
    {"shippo_live_", Alphabet::hex, 32},
    {"sqp_", Alphabet::hex, 40},
    {"oy2", Alphabet::alnum, 43, true, true},
};

// The end of this vendor's key that begins at `begin`; 0 when none does.
size_t vendor_key_end(std::string_view text, size_t begin, const Vendor& vendor);

}  // namespace penstock::pii
