// Joins the chunks that a long GELF message is sent in. A chunk is 0x1E 0x0F, the message's number
// of eight bytes, the chunk's place and how many there are, a byte each.
//   https://go2docs.graylog.org/current/getting_in_log_data/gelf.html
//
// Chunks come in any order, from many senders; what is held for them is limited in time, number and
// bytes, and the oldest message goes first. On the input's loop thread, since a decoder, of which
// each worker has its own, sees only some of the datagrams.
#pragma once

#include <bitset>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "pipeline/metrics/counter.h"
#include "pipeline/plugin/codec.h"

namespace penstock::gelf {

inline constexpr size_t kChunksMax = 128;
inline constexpr std::chrono::seconds kWaitMax{5};     // for a message's last chunk
inline constexpr size_t kMessagesMax = 1024;           // unfinished ones
inline constexpr size_t kBytesMax = size_t{16} << 20;  // of all chunks held

class Chunks : public DatagramFramer {
 public:
  explicit Chunks(const Context& context);
  void take(const Bytes& datagram, std::string_view from, std::chrono::steady_clock::time_point now,
            Records& out) override;

  size_t bytes_held() const { return bytes_; }
  uint64_t messages_lost() const { return lost_.value(); }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Key {
    std::string from;
    uint64_t id = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Message {
    std::vector<std::string> pieces;
    std::bitset<kChunksMax> there;
    size_t bytes = 0;
    uint64_t serial = 0;  // of its line in `ages_`
  };
  struct Age {
    Key key;
    Time began;
    uint64_t serial = 0;
  };
  using Held = std::map<Key, Message>;

  void make_room(Time now, size_t bytes);
  void forget(Held::iterator message);
  void emit(const Message& message, Records& out);

  Held held_;
  std::deque<Age>
      ages_;  // oldest first; of messages that are gone too, until they are at the front
  uint64_t serial_ = 0;
  size_t bytes_ = 0;
  Counter lost_, malformed_;
};

}  // namespace penstock::gelf
