// cloudtrail: files of AWS CloudTrail, an event per record.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin cloudtrail_codec();

}  // namespace penstock
