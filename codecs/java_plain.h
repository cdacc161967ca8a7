// java_plain: plain as Logstash's Java plugin has it.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin java_plain_codec();

}  // namespace penstock
