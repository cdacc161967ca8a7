#include "codecs/netflow/flow_reader.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <bit>

#include "pipeline/base/text.h"

namespace penstock::netflow {
namespace {

constexpr int64_t kNtpEpoch = -2'208'988'800;  // 1900-01-01
constexpr uint8_t kPanaL7Pen = 20;             // RFC 6759: an enterprise's own applications

constexpr std::string_view kScopes[] = {"",
                                        "scope_system",
                                        "scope_interface",
                                        "scope_line_card",
                                        "scope_netflow_cache",
                                        "scope_template"};

Value text_value(std::string_view text, Arena& arena) {
  return Value::string(arena.copy(text), Value::kClean);
}

Value hexadecimal(std::string_view bytes, Arena& arena) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  char* const out = static_cast<char*>(arena.allocate(bytes.size() * 2, 1));
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    out[2 * i] = kDigits[byte >> 4];
    out[2 * i + 1] = kDigits[byte & 15];
  }
  return Value::string({out, bytes.size() * 2}, Value::kClean);
}

// Hexadecimal, a separator after every `group` bytes.
Value grouped(std::string_view bytes, size_t group, char separator, Arena& arena) {
  fmt::basic_memory_buffer<char, 64> out;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % group == 0) out.push_back(separator);
    fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<uint8_t>(bytes[i]));
  }
  return text_value({out.data(), out.size()}, arena);
}

Value unsigned_value(std::string_view bytes, Arena& arena) {
  while (bytes.size() > 8 && bytes[0] == 0) bytes.remove_prefix(1);
  if (bytes.size() > 8) return hexadecimal(bytes, arena);
  const uint64_t number = number_of(bytes);
  if (number <= static_cast<uint64_t>(INT64_MAX))
    return Value::of_integer(static_cast<int64_t>(number));
  return Value::raw_number(arena.copy(std::to_string(number)), false);
}

Value signed_value(std::string_view bytes, Arena& arena) {
  if (bytes.empty() || bytes.size() > 8) return unsigned_value(bytes, arena);
  const unsigned shift = static_cast<unsigned>(64 - 8 * bytes.size());
  return Value::of_integer(static_cast<int64_t>(number_of(bytes) << shift) >> shift);
}

Value real_value(std::string_view bytes, Arena& arena) {
  if (bytes.size() == 4)
    return Value::of_real(double{std::bit_cast<float>(static_cast<uint32_t>(number_of(bytes)))});
  if (bytes.size() == 8) return Value::of_real(std::bit_cast<double>(number_of(bytes)));
  return hexadecimal(bytes, arena);
}

Value address(int family, std::string_view bytes, Arena& arena) {
  if (bytes.size() != (family == AF_INET ? 4U : 16U)) return hexadecimal(bytes, arena);
  char text[INET6_ADDRSTRLEN];
  if (!inet_ntop(family, bytes.data(), text, sizeof text)) return Value::null();
  return text_value(text, arena);
}

Value application(std::string_view bytes, Arena& arena) {
  if (bytes.size() < 2 || bytes.size() > 9) return hexadecimal(bytes, arena);
  const auto engine = static_cast<uint8_t>(bytes[0]);
  const std::string_view selector = bytes.substr(1);
  if (engine == kPanaL7Pen && bytes.size() >= 7)
    return text_value(fmt::format("{}..{}..{}", engine, number_of(selector.substr(0, 4)),
                                  number_of(selector.substr(4))),
                      arena);
  return text_value(fmt::format("{}..{}", engine, number_of(selector)), arena);
}

struct Part {
  std::string_view name;
  uint64_t value;
};
Value record(std::initializer_list<Part> parts, Arena& arena) {
  Value out = Value::object();
  for (const Part& part : parts)
    object_set(arena, out, Name(part.name), Value::of_integer(static_cast<int64_t>(part.value)));
  return out;
}

Value mpls(std::string_view bytes, Arena& arena) {
  if (bytes.size() != 3 && bytes.size() != 4) return hexadecimal(bytes, arena);
  const uint64_t all = number_of(bytes.substr(0, 3));
  if (bytes.size() == 3)
    return record(
        {{"label", all >> 4}, {"experimental", all >> 1 & 7}, {"bottom_of_stack", all & 1}}, arena);
  return record({{"label", all >> 4},
                 {"experimental", all >> 1 & 7},
                 {"bottom_of_stack", all & 1},
                 {"ttl", static_cast<uint8_t>(bytes[3])}},
                arena);
}

Value text_of(std::string_view bytes, Arena& arena) {
  while (bytes.ends_with('\0')) bytes.remove_suffix(1);
  return Value::string(is_utf8(bytes) ? bytes : arena.copy(escape_invalid_utf8(bytes)));
}

TimeKind time_kind(std::string_view name, Protocol protocol) {
  if (protocol == Protocol::netflow9)
    return name.ends_with("_switched") ? TimeKind::uptime : TimeKind::none;
  if (!name.starts_with("flowStart") && !name.starts_with("flowEnd")) return TimeKind::none;
  const std::string_view unit = name.substr(name.starts_with("flowStart") ? 9 : 7);
  if (unit == "Seconds") return TimeKind::seconds;
  if (unit == "Milliseconds") return TimeKind::milliseconds;
  if (unit == "Microseconds" || unit == "Nanoseconds") return TimeKind::ntp;
  return TimeKind::none;
}

Value time_of(TimeKind kind, const Header& header, uint64_t value, Arena& arena) {
  switch (kind) {
    case TimeKind::uptime:
      return uptime_to_time(header.uptime_ms, header.seconds, 1'000'000, value, arena);
    case TimeKind::seconds:
      return time_text({static_cast<int64_t>(value & UINT32_MAX), 0}, arena);
    case TimeKind::milliseconds: {
      const uint64_t milliseconds = value % 100'000'000'000'000;  // a year that can be printed
      return time_text({static_cast<int64_t>(milliseconds / 1000),
                        static_cast<uint32_t>(milliseconds % 1000) * 1'000'000},
                       arena);
    }
    default: {
      const uint64_t fraction = (value & UINT32_MAX) * 1'000'000'000 >> 32;
      return time_text(
          {kNtpEpoch + static_cast<int64_t>(value >> 32), static_cast<uint32_t>(fraction)}, arena);
    }
  }
}

// The bytes of the next value, taken off; empty optional when there aren't so many.
std::optional<std::string_view> take_value(std::string_view& data, uint16_t size) {
  size_t bytes = size;
  if (size == kVariable) {
    if (data.empty()) return std::nullopt;
    bytes = static_cast<uint8_t>(data[0]);
    size_t head = 1;
    if (bytes == 255) {
      if (data.size() < 3) return std::nullopt;
      bytes = number_of(data.substr(1, 2));
      head = 3;
    }
    data.remove_prefix(head);
  }
  if (data.size() < bytes) return std::nullopt;
  const std::string_view out = data.substr(0, bytes);
  data.remove_prefix(bytes);
  return out;
}

}  // namespace

Value value_of(FieldKind kind, std::string_view bytes, Arena& arena) {
  switch (kind) {
    case FieldKind::unsigned_integer:
      return unsigned_value(bytes, arena);
    case FieldKind::signed_integer:
      return signed_value(bytes, arena);
    case FieldKind::real:
      return real_value(bytes, arena);
    case FieldKind::text:
      return text_of(bytes, arena);
    case FieldKind::ip4:
      return address(AF_INET, bytes, arena);
    case FieldKind::ip6:
      return address(AF_INET6, bytes, arena);
    case FieldKind::mac:
      return grouped(bytes, 1, ':', arena);
    case FieldKind::asa_acl:
      return grouped(bytes, 4, '-', arena);
    case FieldKind::application:
      return application(bytes, arena);
    case FieldKind::mpls:
      return mpls(bytes, arena);
    case FieldKind::forwarding: {
      const uint64_t byte = number_of(bytes.substr(0, 1));
      return record({{"status", byte >> 6}, {"reason", byte & 63}}, arena);
    }
    case FieldKind::octets:
    case FieldKind::skipped:
      break;
  }
  return hexadecimal(bytes, arena);
}

Value time_text(Instant instant, Arena& arena) {
  char text[40];
  return text_value({text, format_instant(instant, text)}, arena);
}

Value uptime_to_time(uint32_t uptime_ms, uint32_t seconds, int64_t microseconds, uint64_t value,
                     Arena& arena) {
  const int64_t ago = int64_t{uptime_ms} - static_cast<int64_t>(value & UINT32_MAX);
  const int64_t part = (ago % 1000 + 1000) % 1000;  // both rounded down
  int64_t second = int64_t{seconds} - (ago - part) / 1000;
  int64_t micros = microseconds - part * 1000;
  if (micros < 0) micros += 1'000'000;
  second += micros / 1'000'000;
  return time_text({second, static_cast<uint32_t>(micros % 1'000'000) * 1000}, arena);
}

void FlowReader::begin_packet() {
  if (layouts_.size() > kLayoutsMax) layouts_.clear();
}

const Layout& FlowReader::layout(const TemplateRecord& record) {
  const auto found = layouts_.find(record.bytes);
  if (found != layouts_.end()) return found->second;
  return layouts_.emplace(std::string(record.bytes), make(record)).first->second;
}

Layout FlowReader::make(const TemplateRecord& record) const {
  Layout out;
  std::string_view rest = record.specifiers;
  out.columns.reserve(record.fields);
  for (uint16_t i = 0; i < record.fields; ++i) {
    auto number = static_cast<uint16_t>(number_of(rest.substr(0, 2)));
    const auto size = static_cast<uint16_t>(number_of(rest.substr(2, 2)));
    uint32_t enterprise = 0;
    size_t bytes = 4;
    if (protocol_ == Protocol::ipfix && number & 0x8000U) {
      enterprise = static_cast<uint32_t>(number_of(rest.substr(4, 4)));
      number &= 0x7FFF;
      bytes = 8;
    }
    rest.remove_prefix(bytes);
    if (size == 0) continue;
    Column column = column_of(enterprise, number, size);
    if (protocol_ == Protocol::netflow9 && record.is_options && i < record.scope_fields) {
      const bool known = number >= 1 && number < std::size(kScopes);
      column = {FieldKind::unsigned_integer, TimeKind::none, size,
                Name(known ? kScopes[number] : "")};
    }
    out.bytes_min += size == kVariable ? 1 : size;
    // Of fields with one name the last one holds.
    for (Column& earlier : out.columns)
      if (earlier.name.hash == column.name.hash && earlier.name.text == column.name.text)
        earlier.name = Name("");
    out.columns.push_back(std::move(column));
  }
  return out;
}

Column FlowReader::column_of(uint32_t enterprise, uint16_t number, uint16_t size) const {
  Column out;
  out.size = size;
  const Field* field = fields_.find(enterprise, number);
  if (!field || field->kind == FieldKind::skipped || field->name.empty()) return out;
  out.kind = field->kind;
  out.name = Name(field->name);
  out.time = time_kind(field->name, protocol_);
  return out;
}

bool FlowReader::read(const Layout& layout, const Header& header, std::string_view& data,
                      Arena& arena, Value& flow) const {
  for (const Column& column : layout.columns) {
    const auto bytes = take_value(data, column.size);
    if (!bytes) return false;
    if (column.name.text.empty()) continue;
    const Value value = column.time == TimeKind::none || bytes->size() > 8
                            ? value_of(column.kind, *bytes, arena)
                            : time_of(column.time, header, number_of(*bytes), arena);
    object_append(arena, flow, column.name, value);
  }
  return true;
}

}  // namespace penstock::netflow
