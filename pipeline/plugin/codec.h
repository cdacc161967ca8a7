// Codecs come in three parts. The Framer cuts a byte stream into records (loop thread, cheap);
// the Decoder makes events of a record (worker, dear); the Encoder writes an event as bytes.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/base/buffer.h"
#include "pipeline/base/byte_buffer.h"
#include "pipeline/base/result.h"
#include "pipeline/config/settings.h"
#include "pipeline/event/batch.h"
#include "pipeline/plugin/context.h"
#include "pipeline/plugin/parcel.h"

namespace penstock {

// One per stream. May hold an unfinished record. Any split of a stream into chunks gives the same
// records (a fuzz target holds every framer to it).
class Framer {
 public:
  virtual ~Framer() = default;
  // Records that end in `chunk` are added; only one that began earlier is copied.
  virtual void feed(const Bytes& chunk, Records& out) = 0;
  // The stream ended: what is left is a record.
  virtual void finish(Records& out) = 0;
  // Called about once a second between feeds when wants_tick(): a record that waits for more of the
  // stream may be let go.
  virtual void tick(std::chrono::steady_clock::time_point now, Records& out) {
    (void)now, (void)out;
  }
  virtual bool wants_tick() const { return false; }
  // Bytes fed that belong to a record not yet finished: a file's position is what was fed less
  // this.
  virtual size_t pending_bytes() const = 0;
};

// For inputs of datagrams, where what one means depends on others before it (chunks of a message,
// templates). One per input, on its loop thread; what it remembers is bounded.
class DatagramFramer {
 public:
  virtual ~DatagramFramer() = default;
  // The records that `datagram` completes are added. `from` tells senders apart.
  virtual void take(const Bytes& datagram, std::string_view from,
                    std::chrono::steady_clock::time_point now, Records& out) = 0;
};

// One per worker and input.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends events that view `record`, which lives as long as the batch, and completes them
  // (Event::complete or adopt). A bad record becomes a tagged event, never an error. Must not
  // leave a string that isn't well-formed UTF-8.
  virtual void decode(std::string_view record, Batch& out) = 0;
};

// One per worker and output.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual void encode(const Event& event, ByteBuffer& out) = 0;
};

struct CodecPlugin {
  PluginInfo info;
  // For byte streams (tcp, file, stdin). Null, or one that makes null: the input's own framing
  // applies (each datagram or line is a record), as for codecs without a delimiter.
  Result<std::unique_ptr<Framer>> (*make_framer)(const Settings&, const Context&) = nullptr;
  Result<std::unique_ptr<Decoder>> (*make_decoder)(const Settings&, const Context&) = nullptr;
  Result<std::unique_ptr<Encoder>> (*make_encoder)(const Settings&, const Context&) = nullptr;
  // Null: a datagram is a stream of its own for make_framer.
  Result<std::unique_ptr<DatagramFramer>> (*make_datagram_framer)(const Settings&,
                                                                  const Context&) = nullptr;
};

}  // namespace penstock
