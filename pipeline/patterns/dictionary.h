// GrokDictionary: pattern names and what they stand for. The stock sets are built into the binary
// from pipeline/patterns/sets/; files and definitions of a configuration come on top of one.
// Start-up only; a finished dictionary is immutable and thread-safe.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/base/result.h"

namespace penstock {

enum class GrokSet : uint8_t { legacy, ecs_v1 };

class GrokDictionary {
 public:
  // One of the sets in the binary, read at its first use.
  static const GrokDictionary& stock(GrokSet set);

  explicit GrokDictionary(const GrokDictionary* below = nullptr) : below_(below) {}

  // Later definitions replace earlier ones, and those below.
  void add(std::string name, std::string definition);
  // Lines of `NAME definition`; blank ones and ones that begin with # are passed over.
  void add_lines(std::string_view text);
  // Error: unreadable, too large or not UTF-8.
  Status add_file(const std::string& path);

  // nullptr when there is none. Valid as long as the dictionary.
  const std::string* find(std::string_view name) const;
  size_t size() const { return definitions_.size() + (below_ ? below_->size() : 0); }

  // The expression with each %{NAME}, %{NAME:field}, %{NAME:field:int} and %{NAME:field=definition}
  // replaced: a group named "NAME:field" where something is captured, a plain group otherwise.
  // Without `named_only`, %{NAME} captures as NAME too. Error: a name that isn't defined, or that
  // is defined by itself.
  Result<std::string> expand(std::string_view expression, bool named_only) const;

 private:
  class Expansion;
  const GrokDictionary* below_;
  std::map<std::string, std::string, std::less<>> definitions_;
};

}  // namespace penstock
