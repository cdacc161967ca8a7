// The list of codecs in this binary.
#pragma once

#include <span>

#include "pipeline/plugin/codec.h"

namespace penstock {

#define CODEC(name) CodecPlugin name##_codec();
#include "codecs/codecs.def"
#undef CODEC

std::span<const CodecPlugin> all_codecs();

}  // namespace penstock
