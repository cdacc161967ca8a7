// Templates from outside, rendered twice over an event: the same text must come out, and a
// template without parts must come out as it is.
#include <cstdint>
#include <string_view>

#include "pipeline/base/check.h"
#include "pipeline/base/text.h"
#include "pipeline/event/batch.h"
#include "pipeline/event/interpolate.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = Template::parse(text);
  if (!parsed.ok()) return 0;
  const Template& made = parsed.value();
  Batch batch;
  Event& event = batch[batch.append()];
  event.complete({1'795'255'200, 123'000'000});
  CHECK(event.set(FieldRef::of("[a][b]"), Value::string("x")), "an empty event takes any field");
  CHECK(event.set(FieldRef::of("n"), Value::of_integer(5)), "an empty event takes any field");
  if (text.find("TIME_NOW") == text.npos)
    CHECK(made.render(event) == made.render(event), "rendering changed the template");
  if (made.is_constant()) CHECK(made.render(event) == text, "a constant must come out as it is");
  return 0;
}
