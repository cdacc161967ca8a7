// plain: a record's text is the event's `message`; no delimiter of its own.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin plain_codec();

}  // namespace penstock
