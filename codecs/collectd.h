// collectd: packets of collectd's network plugin.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin collectd_codec();

}  // namespace penstock
