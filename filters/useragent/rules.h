// UserAgentRules: uap-core's regexes.yaml. Immutable but for expressions that are compiled when
// first needed (each once, under a lock); thread-safe.
//
// Loading parses the file and finds each expression's literals (about 1,200 rules); compiling them
// all would take ten times as long, and most are never needed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/regex.h"
#include "pipeline/base/result.h"

namespace penstock {

struct UserAgentVersion {
  std::string family = "Other";
  std::optional<std::string> major, minor, patch, patch_minor;
};

struct UserAgent {
  UserAgentVersion agent;
  UserAgentVersion os;
  std::string device = "Other";
};

class UserAgentRules {
 public:
  // Error: not the expected YAML, a rule without or with a bad expression (its line named).
  static Result<std::shared_ptr<const UserAgentRules>> parse(const std::string& yaml);
  static Result<std::shared_ptr<const UserAgentRules>> load(const std::string& path);
  ~UserAgentRules();

  // `text` is well-formed UTF-8. A rule whose expression gives up counts as not matching.
  UserAgent match(std::string_view text, Regex::Match& match) const;
  size_t size() const;

  // The part of a user agent that is looked at.
  static std::string_view looked_at(std::string_view text);
  static constexpr size_t kTextBytesMax = 4096;

 private:
  UserAgentRules();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
