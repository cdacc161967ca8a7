#include "pipeline/cli/terminal.h"

#include <unistd.h>

#include <cstdlib>

namespace penstock {

bool wants_color() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && !(no_color && *no_color);
}

std::string Paint::operator()(Color color, std::string_view text) const {
  if (!color_) return std::string(text);
  const bool grey = color == Color::grey;
  return std::string("\x1b[") + (grey ? "90" : std::string("3") + static_cast<char>(color)) + "m" +
         std::string(text) + "\x1b[0m";
}

}  // namespace penstock
