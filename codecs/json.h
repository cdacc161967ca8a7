// json: one JSON document per record.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin json_codec();

}  // namespace penstock
