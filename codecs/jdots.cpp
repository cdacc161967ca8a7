#include "codecs/jdots.h"

#include "codecs/dots.h"

namespace penstock {

CodecPlugin jdots_codec() {
  CodecPlugin out = dots_codec();
  out.info.name = "jdots";
  return out;
}

}  // namespace penstock
