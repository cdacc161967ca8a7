#include "filters/filters.h"

#include <vector>

namespace penstock {

std::span<const FilterPlugin> all_filters() {
  static const std::vector<FilterPlugin> kAll = {
#define FILTER(name) name##_filter(),
#include "filters/filters.def"
#undef FILTER
  };
  return kAll;
}

}  // namespace penstock
