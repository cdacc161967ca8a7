// rubydebug: events for people, in the look of Ruby's awesome_print, as Logstash shows them.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin rubydebug_codec();

// The value as rubydebug shows it, without a line end. Members are sorted by name.
void write_ruby(const Value& value, ByteBuffer& out);

}  // namespace penstock
