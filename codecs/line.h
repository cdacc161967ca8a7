// line: text cut at a delimiter; each line is an event's `message`.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin line_codec();

// The framer of every codec that cuts at its option "delimiter".
Result<std::unique_ptr<Framer>> make_delimiter_framer(const Settings& settings,
                                                      const Context& context);

}  // namespace penstock
