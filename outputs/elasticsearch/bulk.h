// Bulk: the documents of one `_bulk` request, their bytes exactly as they are sent, and what is
// needed to give an answer for each. A lane (worker) fills it; from then on the session owns it.
//
// Bookkeeping costs 8 bytes per document; shares are kept by run, metadata only where there is any.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/byte_buffer.h"
#include "pipeline/plugin/dead_letters.h"
#include "pipeline/plugin/settlement.h"

namespace penstock::elastic {

// One Delivery, whose documents may lie in several bulks. Done when every row is settled; a Share
// that goes before that lets the input replay, so a forgotten document is never a lost one.
// Made by a worker, then session thread only (the hand-over of the bulk publishes it).
class Share {
 public:
  Share(Delivery delivery, uint32_t rows) : delivery_(std::move(delivery)), open_(rows) {}

  void settle(uint32_t rows) noexcept;  // stored
  void settle_dead(Row row) noexcept;   // in the dead-letter queue, durably
  uint32_t open() const { return open_; }

 private:
  Delivery delivery_;
  uint32_t open_;
};

struct Document {
  uint32_t offset;  // of its action line in the body; the document ends where the next one begins
  Row row;
};

// Documents from `first` to the next owner's belong to `share`.
struct Owner {
  uint32_t first;
  std::shared_ptr<Share> share;
};

// What a dead letter needs and the body doesn't hold: [@metadata], and the event when the body
// carries it in another form (update, delete). Texts lie in Bulk::aside_text.
struct Aside {
  uint32_t document;
  uint32_t event_offset, event_size;  // size 0: the document line is the event
  uint32_t metadata_offset, metadata_size;
};

// Why a document is to be dead-lettered.
struct Refusal {
  int status = 0;
  std::string reason;
};

struct Bulk {
  using TimePoint = std::chrono::steady_clock::time_point;

  ByteBuffer body;
  ByteBuffer compressed;  // the body as it goes over the wire; empty: as it stands
  std::vector<Document> documents;
  std::vector<Owner> owners;
  std::vector<Aside> asides;
  ByteBuffer aside_text;
  std::vector<Refusal> refusals;  // by document; not empty: dead letters, nothing to send
  uint32_t written = 0;           // of the dead letters, into the queue
  uint32_t attempts = 0;          // failed ones
  size_t charged = 0;             // bytes that the session counts for it
  TimePoint ready_at{};           // don't send before
  TimePoint born{};               // when its first document was encoded

  bool empty() const { return documents.empty(); }
  uint32_t size() const { return static_cast<uint32_t>(documents.size()); }
  // The action line and the document, with their newlines.
  std::string_view item(uint32_t document) const;
  std::string_view action_line(uint32_t document) const;  // without newline
  std::string_view event_json(uint32_t document) const;
  std::string_view metadata_json(uint32_t document) const;  // "" when there is none
  const Aside* aside_of(uint32_t document) const;
  Share& share_of(uint32_t document) const;
  const std::shared_ptr<Share>& share_pointer(uint32_t document) const;

  // Copies a document of `from` to the end of this one.
  void take(const Bulk& from, uint32_t document);
  // Lane: the next document belongs to this share.
  void own(const std::shared_ptr<Share>& share);
  // Keeps memory up to `keep_bytes`.
  void clear(size_t keep_bytes);
};

// The first bytes of a bulk's memory, so that a body that grows to `bytes` is never moved.
void reserve_body(Bulk& bulk, size_t bytes);

// Every document of the bulk is stored.
void settle_all(Bulk& bulk) noexcept;

// Puts the documents (each has a refusal) into the dead-letter queue and makes them durable. After
// a failure it goes on where it stopped. Without a queue there is nothing to do.
Status put_letters(Bulk& bulk, DeadLetters* dead_letters, std::string_view plugin_type,
                   std::string_view plugin_id);

}  // namespace penstock::elastic
