// graphite: Carbon's lines, "name value time".
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin graphite_codec();

}  // namespace penstock
