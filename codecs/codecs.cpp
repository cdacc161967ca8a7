#include "codecs/codecs.h"

#include <vector>

namespace penstock {

std::span<const CodecPlugin> all_codecs() {
  static const std::vector<CodecPlugin> kAll = {
#define CODEC(name) name##_codec(),
#include "codecs/codecs.def"
#undef CODEC
  };
  return kAll;
}

}  // namespace penstock
