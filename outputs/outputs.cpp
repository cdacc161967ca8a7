#include "outputs/outputs.h"

#include <vector>

namespace penstock {

std::span<const OutputPlugin> all_outputs() {
  static const std::vector<OutputPlugin> kAll = {
#define OUTPUT(name) name##_output(),
#include "outputs/outputs.def"
#undef OUTPUT
  };
  return kAll;
}

}  // namespace penstock
