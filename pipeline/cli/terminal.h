// Colours for people: only on a terminal, and not where NO_COLOR says no (no-color.org).
#pragma once

#include <string>
#include <string_view>

namespace penstock {

bool wants_color();  // of standard output

enum class Color : char { red = '1', green = '2', yellow = '3', blue = '4', grey = '8' };

class Paint {
 public:
  explicit Paint(bool color) : color_(color) {}
  std::string operator()(Color color, std::string_view text) const;

 private:
  bool color_;
};

}  // namespace penstock
