// edn_lines: a map in Clojure's notation per line.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin edn_lines_codec();

}  // namespace penstock
