// es_bulk: the body of a request to Elasticsearch's bulk API.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

CodecPlugin es_bulk_codec();

}  // namespace penstock
