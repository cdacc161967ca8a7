// csv: separated values, a row per record.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin csv_codec();

}  // namespace penstock
