// dots: a dot per event, to watch a pipeline's speed.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin dots_codec();

}  // namespace penstock
