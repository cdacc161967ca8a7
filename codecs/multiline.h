// The multiline codec: lines of a stream that belong together become one event.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin multiline_codec();

}  // namespace penstock
