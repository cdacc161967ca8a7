// jdots: what dots is, by the name of Logstash's Java plugin.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin jdots_codec();

}  // namespace penstock
