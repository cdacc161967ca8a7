// Logstash's codec unpacks a whole gzip file, which only its S3 input hands over.
#include "codecs/cloudfront.h"

#include "codecs/refused.h"
#include "pipeline/plugin/charset.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {kCharsetOption};

std::string_view advice() {
  return "cloudfront isn't supported. Read the files with `file { mode => read }`, which unpacks "
         "gzip, and take the lines apart with `dissect`, or with `csv` and a tab as separator; "
         "drop those that begin with #";
}

}  // namespace

CodecPlugin cloudfront_codec() {
  return refused_codec<advice>(
      {"cloudfront", "Not supported: use file with mode read, and csv, instead.", kOptions});
}

}  // namespace penstock
