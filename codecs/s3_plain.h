// s3_plain: known by name, refused with what to use instead.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin s3_plain_codec();

}  // namespace penstock
