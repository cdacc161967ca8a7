// tcp: a stream of records per connection, as a server or as a client.
#pragma once

#include "pipeline/plugin/input.h"

namespace penstock {

InputPlugin tcp_input();

}  // namespace penstock
