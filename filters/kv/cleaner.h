// What kv does with a key or a value before it is stored: trim, remove letters, change the case.
// One per worker.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "filters/support/char_class.h"
#include "pipeline/base/arena.h"
#include "pipeline/base/regex.h"

namespace penstock::kv {

enum class Transform : uint8_t { none, lowercase, uppercase, capitalize };

class Cleaner {
 public:
  Cleaner() = default;
  // `trim` and `remove` are the insides of bracket classes; "" for none.
  static Result<Cleaner> make(const std::string& trim, const std::string& remove,
                              Transform transform);

  bool is_idle() const { return !trim_ && !remove_ && transform_ == Transform::none; }
  // The result views `text` or lies in the arena.
  std::string_view trim_and_remove(std::string_view text, Arena& arena);
  std::string_view transform(std::string_view text, Arena& arena);
  std::string_view clean(std::string_view text, Arena& arena) {
    return transform(trim_and_remove(text, arena), arena);
  }

 private:
  std::string_view trim(std::string_view text, Arena& arena);
  std::string_view remove(std::string_view text, Arena& arena);
  std::string_view without_matches(const Regex& regex, std::string_view text, Arena& arena);

  std::shared_ptr<const Regex> trim_, remove_;
  std::optional<CharClass> trim_class_, remove_class_;
  Transform transform_ = Transform::none;
  Regex::Match match_;
  std::string scratch_;
};

}  // namespace penstock::kv
