// fluent: what Fluentd's forward output sends, and takes.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin fluent_codec();

}  // namespace penstock
