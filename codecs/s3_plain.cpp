#include "codecs/s3_plain.h"

#include "codecs/refused.h"

namespace penstock {
namespace {

std::string_view advice() {
  return "s3_plain isn't supported (it exists for Logstash 1's S3 output, and fails in Logstash 9 "
         "too). Use `line` with a `format`, or `json_lines`";
}

}  // namespace

CodecPlugin s3_plain_codec() {
  return refused_codec<advice>({"s3_plain", "Not supported: use line or json_lines instead.", {}});
}

}  // namespace penstock
