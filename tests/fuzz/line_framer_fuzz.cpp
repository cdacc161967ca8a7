// Any split of a stream gives the same records, for any delimiter and limit. The first bytes choose
// them: the limit, the delimiter's size, a seed for the splits.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "pipeline/plugin/line_framer.h"

namespace {

using namespace penstock;

Records framed(LineFramer framer, std::string_view text, uint32_t seed) {
  Records records;
  while (!text.empty()) {
    seed = seed * 1'664'525 + 1'013'904'223;
    const size_t size =
        seed == 0 ? text.size() : std::min<size_t>(1 + (seed >> 24) % 9, text.size());
    SlabRef slab = Slab::make_small(size);
    std::memcpy(slab->data(), text.data(), size);
    framer.feed({slab, {slab->data(), size}}, records);
    text.remove_prefix(size);
  }
  framer.finish(records);
  CHECK(framer.pending_bytes() == 0, "nothing is left after the end");
  return records;
}

Records framed_whole(LineFramer framer, std::string_view text) {
  SlabRef slab = Slab::make_small(text.size());
  if (!text.empty()) std::memcpy(slab->data(), text.data(), text.size());
  Records records;
  framer.feed({slab, {slab->data(), text.size()}}, records);
  framer.finish(records);
  return records;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 6) return 0;
  const size_t limit = data[0] + 1U;
  const size_t delimiter_size = 1 + data[1] % 4;
  uint32_t seed = 0;
  std::memcpy(&seed, data + 2, 4);
  const std::string_view rest(reinterpret_cast<const char*>(data) + 6, size - 6);
  if (rest.size() < delimiter_size) return 0;
  const std::string delimiter(rest.substr(0, delimiter_size));
  const std::string_view text = rest.substr(delimiter_size);
  const Records split = framed(LineFramer(delimiter, limit), text, seed);
  const Records whole = framed_whole(LineFramer(delimiter, limit), text);
  CHECK(split.views == whole.views, "any split gives the same records");
  for (const std::string_view view : whole.views) CHECK(view.size() <= limit, "the limit holds");
  return 0;
}
