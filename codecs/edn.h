// edn: a map in Clojure's notation per event.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin edn_codec();

}  // namespace penstock
