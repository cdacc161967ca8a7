// json_lines: a stream of JSON documents, one per line.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin json_lines_codec();

}  // namespace penstock
