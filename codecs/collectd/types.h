// Names of the values of a type: collectd's types.db. Immutable; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock::collectd {

class Types {
 public:
  // The types of several values that collectd's own plugins send.
  static Types known();
  // From files of lines "type name:kind:low:high, name:kind:low:high".
  static Result<Types> read(const std::vector<std::string>& paths);

  // nullptr for a type that is not there.
  const std::vector<std::string>* find(std::string_view type) const;

 private:
  void add_line(std::string_view line);
  std::map<std::string, std::vector<std::string>, std::less<>> types_;
};

}  // namespace penstock::collectd
