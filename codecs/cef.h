// cef: ArcSight's Common Event Format.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin cef_codec();

}  // namespace penstock
