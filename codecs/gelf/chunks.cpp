#include "codecs/gelf/chunks.h"

namespace penstock::gelf {
namespace {

constexpr std::string_view kMagic = "\x1E\x0F";
constexpr size_t kHeadBytes = 12;

}  // namespace

Chunks::Chunks(const Context& context) {
  if (!context.metrics) return;
  context.metrics->counter("chunked_messages_lost",
                           "GELF messages of which a chunk did not come in time.", {}, lost_);
  context.metrics->counter("chunks_malformed", "GELF chunks that contradict themselves.", {},
                           malformed_);
}

void Chunks::take(const Bytes& datagram, std::string_view from, Time now, Records& out) {
  const std::string_view bytes = datagram.view;
  if (!bytes.starts_with(kMagic)) return out.add(datagram.slab, bytes);
  if (bytes.size() < kHeadBytes) return malformed_.add();
  Key key{std::string(from), 0};
  std::memcpy(&key.id, bytes.data() + kMagic.size(), sizeof key.id);
  const auto place = static_cast<uint8_t>(bytes[10]), count = static_cast<uint8_t>(bytes[11]);
  if (place >= count || count > kChunksMax) return malformed_.add();
  const std::string_view piece = bytes.substr(kHeadBytes);
  make_room(now, piece.size());
  const auto [at, is_new] = held_.try_emplace(std::move(key));
  Message& message = at->second;
  if (is_new) {
    message.pieces.resize(count);
    message.serial = ++serial_;
    ages_.push_back({at->first, now, serial_});
  }
  if (message.pieces.size() != count) return malformed_.add();
  if (message.there[place]) return;
  message.there.set(place);
  message.pieces[place] = piece;
  message.bytes += piece.size();
  bytes_ += piece.size();
  if (message.there.count() < count) return;
  emit(message, out);
  forget(at);
}

// Lets the oldest messages go that have waited too long, or that stand in the way of `bytes` more.
void Chunks::make_room(Time now, size_t bytes) {
  while (!ages_.empty()) {
    const Age& oldest = ages_.front();
    const auto found = held_.find(oldest.key);
    const bool gone = found == held_.end() || found->second.serial != oldest.serial;
    if (!gone) {
      const bool late = now - oldest.began > kWaitMax;
      if (!late && ages_.size() < kMessagesMax && bytes_ + bytes <= kBytesMax) return;
      lost_.add();
      forget(found);
    }
    ages_.pop_front();
  }
}

void Chunks::forget(Held::iterator message) {
  bytes_ -= message->second.bytes;
  held_.erase(message);
}

void Chunks::emit(const Message& message, Records& out) {
  std::string whole;
  whole.reserve(message.bytes);
  for (const std::string& piece : message.pieces) whole += piece;
  out.add_copy(whole);
}

}  // namespace penstock::gelf
