// The templates of every exporter. A packet of data means nothing without templates that came
// before it, perhaps long before, and decoders see only some of the packets; so the input's loop
// thread keeps the templates, in the order in which they come, and puts in front of each packet
// those that it needs (netflow/packet.h, "envelope"). Decoders then need no state, no lock and no
// luck with the order. It looks at the heads of sets only: some 50 ns a packet, and a copy of those
// that need a template.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "codecs/netflow/packet.h"
#include "pipeline/metrics/counter.h"
#include "pipeline/plugin/codec.h"

namespace penstock::netflow {

inline constexpr size_t kExportersMax = 4096;  // the one heard least lately goes
inline constexpr size_t kTemplatesMax = 512;   // of one exporter; more are ignored
inline constexpr size_t kTemplateBytesMax = 4096;

class Templates : public DatagramFramer {
 public:
  Templates(std::chrono::minutes lifetime, const Context& context);
  void take(const Bytes& datagram, std::string_view from, std::chrono::steady_clock::time_point now,
            Records& out) override;

  size_t exporters() const { return exporters_.size(); }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Template {
    std::string bytes;  // a set with this one template
    Time since;
  };
  struct Exporter {
    std::map<uint16_t, Template> templates;
    Time heard;
  };
  struct Key {
    std::string from;
    uint32_t domain = 0;
    uint16_t version = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  Exporter& exporter(Key key, Time now);
  void learn(const Set& set, uint16_t version, Exporter& exporter, Time now);
  void want(uint16_t id, Exporter& exporter, Time now);

  std::chrono::minutes lifetime_;
  std::map<Key, Exporter> exporters_;
  std::vector<uint16_t> here_;  // templates that the packet brings, or that are in front already
  ByteBuffer record_;
  Counter learnt_, refused_;
};

}  // namespace penstock::netflow
