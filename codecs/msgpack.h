// msgpack: a MessagePack map per event.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin msgpack_codec();

}  // namespace penstock
