#include "pipeline/base/result.h"

#include <cstring>

namespace penstock {

std::string Where::text() const {
  if (!known()) return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string Error::text() const {
  const std::string place = where.text();
  return place.empty() ? message : place + ": " + message;
}

std::string errno_text(int number) {
  char buffer[128];
  return strerror_r(number, buffer, sizeof buffer);  // the GNU variant: returns the text
}

}  // namespace penstock
