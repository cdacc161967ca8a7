// java_line: line as Logstash's Java plugin has it.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin java_line_codec();

}  // namespace penstock
