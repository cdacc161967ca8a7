#include "codecs/netflow.h"

#include <algorithm>

#include "codecs/document_events.h"
#include "codecs/netflow/fields.h"
#include "codecs/netflow/flow_reader.h"
#include "codecs/netflow/packet.h"
#include "codecs/netflow/templates.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

using namespace netflow;  // NOLINT(*using-namespace*): the codec's own parts

constexpr int64_t kMinutesMax = 1'000'000;

constexpr Option kOptions[] = {
    {"cache_ttl", OptionType::integer, "4000", "Minutes that a template is kept."},
    {.name = "cache_save_path",
     .type = OptionType::path,
     .fallback = "",
     .doc = "Where Logstash saves templates.",
     .obsolete = "templates aren't saved: exporters send them again every few minutes; remove the "
                 "option"},
    {"target", OptionType::string, "netflow", "The field that takes a flow's fields."},
    {"include_flowset_id", OptionType::boolean, "false",
     "Whether flows of IPFIX have the number of their template as `flowset_id`; v9's do."},
    {"versions", OptionType::strings, "[ 5, 9, 10 ]", "The versions to read; others are ignored."},
    {"netflow_definitions", OptionType::path, "",
     "A YAML file with fields of NetFlow v9 in Logstash's format, added to the known ones."},
    {"ipfix_definitions", OptionType::path, "",
     "A YAML file with fields of IPFIX in Logstash's format; it replaces those of its "
     "enterprises."},
};

const Name kTimestamp{"@timestamp"};
const Name kVersion{"version"};
const Name kSequence{"flow_seq_num"};
const Name kFlowsetId{"flowset_id"};

// NetFlow v5: fixed records of 48 bytes behind a header of 24.
constexpr size_t kHeaderBytes5 = 24;
constexpr size_t kRecordBytes5 = 48;
constexpr uint64_t kRecordsMax5 = 30;

struct Column5 {
  std::string_view name;
  size_t at, size;
  FieldKind kind = FieldKind::unsigned_integer;
  bool is_uptime = false;
};
constexpr Column5 kHeader5[] = {
    {"version", 0, 2}, {"flow_seq_num", 16, 4}, {"engine_type", 20, 1}, {"engine_id", 21, 1}};
constexpr Column5 kRecord5[] = {
    {"ipv4_src_addr", 0, 4, FieldKind::ip4},
    {"ipv4_dst_addr", 4, 4, FieldKind::ip4},
    {"ipv4_next_hop", 8, 4, FieldKind::ip4},
    {"input_snmp", 12, 2},
    {"output_snmp", 14, 2},
    {"in_pkts", 16, 4},
    {"in_bytes", 20, 4},
    {"first_switched", 24, 4, FieldKind::unsigned_integer, true},
    {"last_switched", 28, 4, FieldKind::unsigned_integer, true},
    {"l4_src_port", 32, 2},
    {"l4_dst_port", 34, 2},
    {"tcp_flags", 37, 1},
    {"protocol", 38, 1},
    {"src_tos", 39, 1},
    {"src_as", 40, 2},
    {"dst_as", 42, 2},
    {"src_mask", 44, 1},
    {"dst_mask", 45, 1},
};

struct NetflowOptions {
  std::string target;
  bool include_flowset_id = false;
  std::vector<int64_t> versions;
  std::shared_ptr<const Fields> netflow_fields, ipfix_fields;
};

class NetflowDecoder : public Decoder {
 public:
  NetflowDecoder(NetflowOptions options, const Context& context)
      : options_(std::move(options)),
        target_(options_.target),
        netflow_(Protocol::netflow9, *options_.netflow_fields),
        ipfix_(Protocol::ipfix, *options_.ipfix_fields),
        events_(std::nullopt, "", context) {
    if (!context.metrics) return;
    context.metrics->counter("packets_ignored", "Packets of versions that are not to be read.", {},
                             ignored_);
    context.metrics->counter("packets_malformed", "Packets that could not be read.", {},
                             malformed_);
    context.metrics->counter("sets_without_template",
                             "Sets of flows whose template has not been seen.", {}, unknown_);
  }

  void decode(std::string_view record, Batch& out) override {
    std::string_view templates;
    if (record.starts_with(std::string_view("\0\0", 2))) {
      if (record.size() < kEnvelopeBytes) return malformed_.add();
      const size_t size = number_of(record.substr(2, 4));
      record.remove_prefix(kEnvelopeBytes);
      if (size > record.size()) return malformed_.add();
      templates = record.substr(0, size);
      record.remove_prefix(size);
    }
    if (record.size() < 2) return malformed_.add();
    const uint64_t version = number_of(record.substr(0, 2));
    const auto& wanted = options_.versions;
    if (std::find(wanted.begin(), wanted.end(), static_cast<int64_t>(version)) == wanted.end())
      return ignored_.add();
    if (version == kVersion5) return decode5(record, out);
    const auto header = take_header(record);
    if (!header) return malformed_.add();
    decode_sets(*header, templates, record, out);
  }

 private:
  void decode5(std::string_view packet, Batch& out) {
    if (packet.size() < kHeaderBytes5) return malformed_.add();
    const auto at = [&](size_t from, size_t size) { return number_of(packet.substr(from, size)); };
    const uint64_t count = at(2, 2);
    if (count < 1 || count > kRecordsMax5 || packet.size() < kHeaderBytes5 + count * kRecordBytes5)
      return malformed_.add();
    const Instant time{static_cast<int64_t>(at(8, 4)),
                       static_cast<uint32_t>(at(12, 4) % 1'000'000'000 / 1000 * 1000)};
    for (size_t i = 0; i < count; ++i)
      add5(packet, packet.substr(kHeaderBytes5 + i * kRecordBytes5, kRecordBytes5), time, out);
  }

  void add5(std::string_view packet, std::string_view record, Instant time, Batch& out) {
    Arena& arena = out.arena();
    Value flow = Value::object();
    object_reserve(arena, flow, std::size(kHeader5) + std::size(kRecord5) + 3);
    const auto put = [&](std::string_view name, const Value& value) {
      object_append(arena, flow, Name(name), value);
    };
    const auto number = [&](size_t from, size_t size) {
      return number_of(packet.substr(from, size));
    };
    for (const Column5& column : kHeader5)
      put(column.name, value_of(column.kind, packet.substr(column.at, column.size), arena));
    put("sampling_algorithm", Value::of_integer(static_cast<int64_t>(number(22, 2) >> 14)));
    put("sampling_interval", Value::of_integer(static_cast<int64_t>(number(22, 2) & 0x3FFF)));
    put("flow_records", Value::of_integer(static_cast<int64_t>(number(2, 2))));
    for (const Column5& column : kRecord5) {
      const std::string_view bytes = record.substr(column.at, column.size);
      put(column.name, column.is_uptime
                           ? uptime_to_time(static_cast<uint32_t>(number(4, 4)),
                                            static_cast<uint32_t>(time.seconds),
                                            time.nanoseconds / 1000, number_of(bytes), arena)
                           : value_of(column.kind, bytes, arena));
    }
    add(flow, time, out);
  }

  void decode_sets(const Header& header, std::string_view templates, std::string_view sets,
                   Batch& out) {
    FlowReader& reader = header.version == kIpfix ? ipfix_ : netflow_;
    reader.begin_packet();
    layouts_.clear();
    while (const auto set = take_set(templates)) learn(*set, header.version, reader);
    while (const auto set = take_set(sets)) {
      if (set->id < kDataSetMin)
        learn(*set, header.version, reader);
      else if (const Layout* layout = layout_of(set->id))
        add_flows(*set, *layout, header, reader, out);
      else
        unknown_.add();
    }
    // What is left is padding, of zeros.
    if (sets.find_first_not_of('\0') != sets.npos) malformed_.add();
  }

  void learn(const Set& set, uint16_t version, FlowReader& reader) {
    const bool options = set.is_options_template(version);
    if (!options && !set.is_template(version)) return;
    std::string_view body = set.body;
    while (const auto found = take_template(body, version, options)) {
      std::erase_if(layouts_, [&](const auto& known) { return known.first == found->id; });
      if (layouts_.size() < kTemplatesMax && found->bytes.size() <= kTemplateBytesMax)
        layouts_.emplace_back(found->id, &reader.layout(*found));
    }
  }

  const Layout* layout_of(uint16_t id) const {
    for (const auto& [known, layout] : layouts_)
      if (known == id) return layout;
    return nullptr;
  }

  void add_flows(const Set& set, const Layout& layout, const Header& header,
                 const FlowReader& reader, Batch& out) {
    if (layout.bytes_min == 0) return;
    std::string_view data = set.body;
    while (data.size() >= layout.bytes_min) {
      Arena& arena = out.arena();
      Value flow = Value::object();
      object_reserve(arena, flow, static_cast<uint32_t>(layout.columns.size()) + 3);
      object_append(arena, flow, kVersion, Value::of_integer(header.version));
      if (header.version == kVersion9)
        object_append(arena, flow, kSequence, Value::of_integer(header.sequence));
      if (header.version == kVersion9 || options_.include_flowset_id)
        object_append(arena, flow, kFlowsetId, Value::of_integer(set.id));
      if (!reader.read(layout, header, data, arena, flow)) return;
      add(flow, {header.seconds, 0}, out);
    }
  }

  void add(const Value& flow, Instant time, Batch& out) {
    Event& event = events_.begin(out);
    object_reserve(event.arena(), event.root(), kFields);
    object_append(event.arena(), event.root(), kTimestamp, Value::timestamp(time));
    object_append(event.arena(), event.root(), target_, flow);
    events_.finish(event);
  }

  static constexpr uint32_t kFields = 8;
  NetflowOptions options_;
  Name target_;
  FlowReader netflow_, ipfix_;
  DocumentEvents events_;
  std::vector<std::pair<uint16_t, const Layout*>> layouts_;  // of the packet at hand
  Counter ignored_, malformed_, unknown_;
};

Result<std::shared_ptr<const Fields>> fields_of(const Settings& settings, std::string_view option,
                                                Protocol protocol) {
  auto out = std::make_shared<Fields>(protocol);
  if (settings.has(option))
    if (const Status read = out->read_file(settings.string(option)); !read.ok())
      return settings.error(option, read.error().message);
  return std::shared_ptr<const Fields>(std::move(out));
}

Result<std::unique_ptr<Decoder>> make_decoder(const Settings& settings, const Context& context) {
  NetflowOptions options;
  options.target = settings.string("target");
  if (options.target.empty() || options.target == "@timestamp" || options.target == "@metadata")
    return settings.error("target", "must be the name of a field of its own");
  options.include_flowset_id = settings.boolean("include_flowset_id");
  for (const std::string& version : settings.strings("versions")) {
    const auto number = parse_integer(version);
    if (!number) return settings.error("versions", "expected 5, 9 or 10, found `" + version + "`");
    options.versions.push_back(*number);
  }
  TRY(options.netflow_fields, fields_of(settings, "netflow_definitions", Protocol::netflow9));
  TRY(options.ipfix_fields, fields_of(settings, "ipfix_definitions", Protocol::ipfix));
  return std::unique_ptr<Decoder>(std::make_unique<NetflowDecoder>(std::move(options), context));
}

}  // namespace

CodecPlugin netflow_codec() {
  return {{.name = "netflow",
           .summary = "Flows of NetFlow v5, v9 and IPFIX.",
           .options = kOptions,
           .differs = "A field that nobody knows is left out; Logstash drops its whole template, "
                      "and so all flows of it. Templates are kept apart by the sender's address."},
          nullptr,
          make_decoder,
          nullptr,
          [](const Settings& settings,
             const Context& context) -> Result<std::unique_ptr<DatagramFramer>> {
            const int64_t minutes = settings.integer("cache_ttl");
            if (minutes < 1 || minutes > kMinutesMax)
              return settings.error("cache_ttl", "must be 1 to " + std::to_string(kMinutesMax));
            return std::unique_ptr<DatagramFramer>(
                std::make_unique<Templates>(std::chrono::minutes(minutes), context));
          }};
}

}  // namespace penstock
