#include "inputs/inputs.h"

#include <vector>

namespace penstock {

std::span<const InputPlugin> all_inputs() {
  static const std::vector<InputPlugin> kAll = {
#define INPUT(name) name##_input(),
#include "inputs/inputs.def"
#undef INPUT
  };
  return kAll;
}

}  // namespace penstock
