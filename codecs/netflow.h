// netflow: NetFlow v5 and v9, and IPFIX.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin netflow_codec();

}  // namespace penstock
