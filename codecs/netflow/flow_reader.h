// Flow records by their template, as fields of an event. One per decoder.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "codecs/netflow/fields.h"
#include "codecs/netflow/packet.h"
#include "pipeline/event/value.h"

namespace penstock::netflow {

// How a value that is a time becomes one.
enum class TimeKind : uint8_t { none, uptime, seconds, milliseconds, ntp };

struct Column {
  FieldKind kind{};
  TimeKind time = TimeKind::none;
  uint16_t size = 0;  // kVariable: each value tells its own
  Name name{""};      // "" for values that are left out
};

inline constexpr uint16_t kVariable = 0xFFFF;

// A template, with what is known of its fields.
struct Layout {
  std::vector<Column> columns;
  size_t bytes_min = 0;  // of a record
};

class FlowReader {
 public:
  FlowReader(Protocol protocol, const Fields& fields) : protocol_(protocol), fields_(fields) {}

  // The layout of a template; kept, as packets bring the same ones again and again. Valid until the
  // next call of forget_all() (by the reader itself, before a packet, when there are many).
  const Layout& layout(const TemplateRecord& record);
  void begin_packet();

  // Takes a record off `data` and adds its fields to `flow`. False when the data ends before.
  bool read(const Layout& layout, const Header& header, std::string_view& data, Arena& arena,
            Value& flow) const;

  static constexpr size_t kLayoutsMax = 1024;

 private:
  Layout make(const TemplateRecord& record) const;
  Column column_of(uint32_t enterprise, uint16_t number, uint16_t size) const;

  Protocol protocol_;
  const Fields& fields_;
  std::map<std::string, Layout, std::less<>> layouts_;  // by the template's bytes
};

// One value of the kind, of the bytes that the template gives it.
Value value_of(FieldKind kind, std::string_view bytes, Arena& arena);

// NetFlow's times: milliseconds since the device started, which was `uptime` before `seconds`.
// As Logstash computes them, which for v9 is a second late, and for v5 where the fraction of the
// packet's time is the smaller one.
Value uptime_to_time(uint32_t uptime_ms, uint32_t seconds, int64_t microseconds, uint64_t value,
                     Arena& arena);

Value time_text(Instant instant, Arena& arena);

}  // namespace penstock::netflow
