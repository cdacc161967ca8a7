// protobuf: known by name, refused with what to use instead.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin protobuf_codec();

}  // namespace penstock
