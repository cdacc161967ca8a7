#include "pipeline/event/image.h"

#include <cstring>

namespace penstock {
namespace {

struct Head {
  Value root;
  Value metadata;
};
static_assert(sizeof(Head) % kImageAlign == 0 && alignof(Member) <= kImageAlign);

constexpr size_t rounded(size_t bytes) { return (bytes + kImageAlign - 1) & ~(kImageAlign - 1); }

bool is_text(const Value& value) {
  return value.kind == Kind::string || value.kind == Kind::raw_number;
}

void measure(const Value& value, ImageSize& size) {
  if (is_text(value)) {
    size.text += value.size;
  } else if (value.is_object()) {
    size.containers += value.size * sizeof(Member);
    for (const Member& member : value.entries()) {
      size.text += member.name_size;
      measure(member.value, size);
    }
  } else if (value.is_array()) {
    size.containers += value.size * sizeof(Value);
    for (const Value& item : value.elements()) measure(item, size);
  }
}

// Containers come first, so that text needs no alignment.
struct Copy {
  char* containers;
  char* text;

  const char* put(const char* from, size_t size) {
    char* to = text;
    if (size) std::memcpy(to, from, size);
    text += size;
    return to;
  }

  template <class T>
  T* take(size_t count) {
    T* out = reinterpret_cast<T*>(containers);
    containers += count * sizeof(T);
    return out;
  }

  Value of(const Value& value) {
    Value out = value;
    // Both tell of memory beside the text, which stays behind.
    out.flags &= static_cast<uint8_t>(~(Value::kHasRaw | Value::kPlainName));
    if (is_text(value)) {
      out.text = put(value.text, value.size);
    } else if (value.is_object()) {
      out.capacity_log2 = 0;
      out.members = take<Member>(value.size);
      for (uint32_t i = 0; i < value.size; ++i) {
        const Member& from = value.members[i];
        const char* name = put(from.name_text, from.name_size);
        out.members[i] = {name, from.name_size, from.hash, of(from.value)};
      }
    } else if (value.is_array()) {
      out.capacity_log2 = 0;
      out.items = take<Value>(value.size);
      for (uint32_t i = 0; i < value.size; ++i) out.items[i] = of(value.items[i]);
    }
    return out;
  }
};

}  // namespace

size_t ImageSize::bytes() const { return rounded(sizeof(Head) + containers + text); }

ImageSize measure_image(const Event& event) {
  ImageSize size;
  measure(event.root(), size);
  measure(event.metadata(), size);
  return size;
}

void write_image(const Event& event, const ImageSize& size, char* to) {
  Copy copy{to + sizeof(Head), to + sizeof(Head) + size.containers};
  Head head;
  head.root = copy.of(event.root());
  head.metadata = copy.of(event.metadata());
  std::memcpy(static_cast<void*>(to), &head, sizeof head);
}

void read_image(std::string_view image, Event& out) {
  CHECK(image.size() >= sizeof(Head), "an image has a head");
  Head head;
  std::memcpy(static_cast<void*>(&head), image.data(), sizeof head);
  out.root() = head.root;
  out.metadata() = head.metadata;
}

}  // namespace penstock
