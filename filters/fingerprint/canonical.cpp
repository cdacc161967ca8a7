#include "filters/fingerprint/canonical.h"

#include <algorithm>

namespace penstock::fingerprint {

size_t Canonical::sort(const Value& object) {
  const size_t begin = sorted_.size();
  for (const Member& member : object.entries()) sorted_.push_back(&member);
  std::sort(sorted_.begin() + static_cast<ptrdiff_t>(begin), sorted_.end(),
            [](const Member* a, const Member* b) { return a->name() < b->name(); });
  return begin;
}

void Canonical::append(const Value& value, std::string& out) {
  if (value.is_array()) {
    for (uint32_t i = 0; i < value.size; ++i) {
      if (i) out += '|';
      append(value.items[i], out);
    }
  } else if (value.is_object()) {
    const size_t begin = sort(value);
    for (size_t i = 0; i < value.size; ++i) {
      if (i) out += '|';
      out += sorted_[begin + i]->name();
      out += '|';
      append(sorted_[begin + i]->value, out);
    }
    sorted_.resize(begin);
  } else {
    append_text(value, out);
  }
}

void Canonical::append_fields(const Value& object, std::string& out) {
  const size_t begin = sort(object);
  for (size_t i = 0; i < object.size; ++i) {
    out += '|';
    out += sorted_[begin + i]->name();
    out += '|';
    append(sorted_[begin + i]->value, out);
  }
  sorted_.resize(begin);
}

}  // namespace penstock::fingerprint
