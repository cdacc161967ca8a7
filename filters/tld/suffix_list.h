// SuffixList: the Public Suffix List (publicsuffix.org/list), indexed. Immutable; shared by the
// workers. A lookup costs a hash per label of the name.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "pipeline/base/result.h"

namespace penstock::tld {

class SuffixList {
 public:
  static Result<std::shared_ptr<const SuffixList>> load(const std::string& path);
  static Result<std::shared_ptr<const SuffixList>> parse(std::string_view text);

  // The public suffix of `name` (lower case, no dot at the end), a view of its end; empty when no
  // rule of the list holds, or the name is nothing but a suffix.
  std::optional<std::string_view> suffix_of(std::string_view name) const;

  size_t size() const { return rules_.size(); }

 private:
  struct Rule {
    enum class Kind : uint8_t { normal, wildcard, exception } kind = Kind::normal;
    uint32_t length = 0;  // labels that it stands for
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  void add(std::string_view line);
  static std::optional<std::string_view> apply(const Rule& rule, std::string_view name,
                                               std::string_view value);

  std::unordered_map<std::string, Rule, Hash, std::equal_to<>> rules_;  // by text without * and !
  uint32_t labels_max_ = 0;
};

}  // namespace penstock::tld
