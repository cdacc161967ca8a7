#include "filters/pii/scan.h"

namespace penstock::pii {
namespace {

constexpr EntitySet kContextOwners[kContexts] = {
    bit(Entity::us_ssn) | bit(Entity::us_itin),
    bit(Entity::us_ssn) | bit(Entity::us_itin),
    bit(Entity::phone),
    bit(Entity::phone),
    bit(Entity::payment_card),
};

// A name from a field counts for the whole of a short value only.
constexpr size_t kGivenContextBytes = 64;

}  // namespace

void Scan::add(size_t begin, size_t end, Entity entity) {
  while (out.size() > first && out.back().end > begin) {
    const Finding& last = out.back();
    if (last.end - last.begin >= end - begin) return;
    out.pop_back();
  }
  out.push_back(
      {static_cast<uint32_t>(begin), static_cast<uint32_t>(end), static_cast<uint8_t>(entity)});
  barrier(end, entity);
}

void Scan::barrier(size_t end, Entity entity) {
  for (size_t i = 0; i < kContexts; ++i)
    seen[i] = seen[i] && kContextOwners[i] & bit(entity) ? end : 0;
  if (end > skip_until) skip_until = end;
}

bool Scan::near(Context context, size_t begin) const {
  if (given & bit(context) && begin <= kGivenContextBytes) return true;
  const size_t end = seen[static_cast<size_t>(context)];
  return end != 0 && end <= begin && begin - end <= kContextBytes;
}

size_t placeholder_end(std::string_view text, size_t begin, Entity& entity) {
  for (size_t i = 0; i < kEntities; ++i) {
    const std::string_view mask = kEntityMasks[i];
    const std::string_view open = mask.substr(0, mask.size() - 1);
    if (text.substr(begin, open.size()) != open) continue;
    size_t at = begin + open.size();
    if (at < text.size() && text[at] == ':')
      for (++at; at < text.size() && is_hex(text[at]);) ++at;
    if (at >= text.size() || text[at] != ']') continue;
    entity = static_cast<Entity>(i);
    return at + 1;
  }
  return 0;
}

bool is_placeholder(std::string_view value) {
  Entity entity{};
  return value.starts_with("****") || (value.starts_with('[') && placeholder_end(value, 0, entity));
}

}  // namespace penstock::pii
