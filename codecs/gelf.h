// gelf: Graylog's messages, JSON that may be packed and cut into chunks.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin gelf_codec();

}  // namespace penstock
