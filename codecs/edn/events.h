// What edn and edn_lines share.
#pragma once

#include "codecs/document_events.h"

namespace penstock::edn {

// Option "target" required.
Result<std::unique_ptr<Decoder>> make_decoder(const Settings& settings, const Context& context);

// `delimiter` follows each event.
std::unique_ptr<Encoder> make_encoder(std::string_view delimiter);

}  // namespace penstock::edn
