#include "codecs/netflow.h"

#include <filesystem>
#include <fstream>

#include "codecs/netflow/flow_reader.h"
#include "codecs/netflow/templates.h"
#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Time = std::chrono::steady_clock::time_point;

std::string n(uint64_t value, size_t size) {
  std::string out;
  for (size_t i = size; i-- > 0;) out += static_cast<char>(value >> (8 * i));
  return out;
}

constexpr uint32_t kSeconds = 1'000'000'000;  // 2001-09-09T01:46:40Z

std::string packet9(const std::string& sets, uint32_t source = 1) {
  return n(9, 2) + n(1, 2) + n(60'000, 4) + n(kSeconds, 4) + n(7, 4) + n(source, 4) + sets;
}
std::string packet10(const std::string& sets, uint32_t domain = 1) {
  return n(10, 2) + n(16 + sets.size(), 2) + n(kSeconds, 4) + n(7, 4) + n(domain, 4) + sets;
}
std::string set_of(uint16_t id, const std::string& body) {
  return n(id, 2) + n(body.size() + 4, 2) + body;
}
// (type, size) pairs.
std::string template_of(uint16_t id, std::initializer_list<std::pair<int, int>> fields) {
  std::string out = n(id, 2) + n(fields.size(), 2);
  for (const auto& [type, size] : fields)
    out += n(static_cast<uint64_t>(type), 2) + n(static_cast<uint64_t>(size), 2);
  return out;
}

// source address, destination port, bytes, first switched
const std::string kTemplate = template_of(260, {{8, 4}, {11, 2}, {1, 4}, {22, 4}});
const std::string kFlow = "\x0A\x00\x00\x01"s + n(443, 2) + n(1500, 4) + n(58'500, 4);
const char* const kEvent =
    R"({"netflow":{"first_switched":"2001-09-09T01:46:39.500Z","flow_seq_num":7,"flowset_id":260,)"
    R"("in_bytes":1500,"ipv4_src_addr":"10.0.0.1","l4_dst_port":443,"version":9}})";

TEST(NetflowCodec, reads_version_5) {
  std::string packet = n(5, 2) + n(1, 2) + n(60'000, 4) + n(kSeconds, 4) + n(250'000'000, 4) +
                       n(3, 4) + n(1, 1) + n(2, 1) + n(0x4005, 2);
  packet += "\x0A\x00\x00\x01\x0A\x00\x00\x02\x00\x00\x00\x00"s + n(1, 2) + n(2, 2) + n(3, 4) +
            n(4, 4) + n(58'000, 4) + n(59'900, 4) + n(5, 2) + n(6, 2) + n(0, 1) + n(16, 1) +
            n(6, 1) + n(7, 1) + n(8, 2) + n(9, 2) + n(24, 1) + n(25, 1) + n(0, 2);
  EXPECT_EQ(
      decoded("netflow", "", packet, Ecs::disabled, false, true),
      R"({"@timestamp":"2001-09-09T01:46:40.250Z","netflow":{"dst_as":9,"dst_mask":25,"engine_id":2,)"
      R"("engine_type":1,"first_switched":"2001-09-09T01:46:38.250Z","flow_records":1,)"
      R"("flow_seq_num":3,"in_bytes":4,"in_pkts":3,"input_snmp":1,"ipv4_dst_addr":"10.0.0.2",)"
      R"("ipv4_next_hop":"0.0.0.0","ipv4_src_addr":"10.0.0.1","l4_dst_port":6,"l4_src_port":5,)"
      R"("last_switched":"2001-09-09T01:46:40.150Z","output_snmp":2,"protocol":6,)"
      R"("sampling_algorithm":1,"sampling_interval":5,"src_as":8,"src_mask":24,"src_tos":7,)"
      R"("tcp_flags":16,"version":5}})");
  EXPECT_EQ(decoded("netflow", "", packet.substr(0, packet.size() - 1)), "");
  EXPECT_EQ(decoded("netflow", "versions => [9]", packet), "");
}

TEST(NetflowCodec, reads_version_9_with_its_template_in_the_packet) {
  EXPECT_EQ(decoded("netflow", "", packet9(set_of(0, kTemplate) + set_of(260, kFlow + kFlow))),
            std::string(kEvent) + "\n" + kEvent);
  EXPECT_EQ(
      decoded("netflow", R"(target => "flow")", packet9(set_of(0, kTemplate) + set_of(260, kFlow)))
          .substr(0, 8),
      R"({"flow":)");
  EXPECT_EQ(decoded("netflow", "", packet9(set_of(260, kFlow))), "");
}

TEST(NetflowCodec, padding_is_no_flow) {
  EXPECT_EQ(decoded("netflow", "",
                    packet9(set_of(0, kTemplate) + set_of(260, kFlow + "\0\0"s)) + "\0\0\0\0"s),
            kEvent);
}

TEST(NetflowCodec, reads_option_records_with_their_scopes) {
  const std::string options =
      n(256, 2) + n(4, 2) + n(4, 2) + n(1, 2) + n(4, 2) + n(34, 2) + n(4, 2);
  EXPECT_EQ(decoded("netflow", "",
                    packet9(set_of(1, options + "\0\0"s) + set_of(256, n(9, 4) + n(100, 4)))),
            R"({"netflow":{"flow_seq_num":7,"flowset_id":256,"sampling_interval":100,)"
            R"("scope_system":9,"version":9}})");
}

TEST(NetflowCodec, a_field_that_nobody_knows_is_left_out) {
  EXPECT_EQ(decoded("netflow", "",
                    packet9(set_of(0, template_of(260, {{65'000, 3}, {11, 2}})) +
                            set_of(260, "abc" + n(443, 2)))),
            R"({"netflow":{"flow_seq_num":7,"flowset_id":260,"l4_dst_port":443,"version":9}})");
}

TEST(NetflowCodec, reads_ipfix_with_texts_of_variable_size) {
  const std::string fields = template_of(300, {{152, 8}, {82, 65'535}, {27, 16}, {4, 1}});
  const std::string flow = n(1'000'000'000'192, 8) +
                           "\x04"
                           "eth0" +
                           std::string(15, '\0') + "\1" + n(6, 1);
  const std::string long_flow =
      n(0, 8) + "\xFF" + n(300, 2) + std::string(300, 'x') + std::string(15, '\0') + "\1" + n(6, 1);
  const std::string out = decoded("netflow", "include_flowset_id => true",
                                  packet10(set_of(2, fields) + set_of(300, flow + long_flow)),
                                  Ecs::disabled, false, true);
  EXPECT_EQ(
      out.substr(0, out.find('\n')),
      R"({"@timestamp":"2001-09-09T01:46:40.000Z","netflow":{)"
      R"("flowStartMilliseconds":"2001-09-09T01:46:40.192Z","flowset_id":300,)"
      R"("interfaceName":"eth0","protocolIdentifier":6,"sourceIPv6Address":"::1","version":10}})");
  EXPECT_NE(out.find(std::string(300, 'x')), std::string::npos);
}

TEST(NetflowCodec, ipfix_has_fields_of_enterprises) {
  const std::string fields = n(300, 2) + n(1, 2) + n(0x8000 | 1, 2) + n(8, 2) + n(29'305, 4);
  EXPECT_EQ(decoded("netflow", "", packet10(set_of(2, fields) + set_of(300, n(5, 8)))),
            R"({"netflow":{"reverseOctetDeltaCount":5,"version":10}})");
}

TEST(NetflowCodec, takes_definitions_of_ones_own) {
  const std::string path = testing::TempDir() + "netflow_fields.yaml";
  std::ofstream(path) << "65000:\n- :uint16\n- :mine\n1:\n- 4\n- :octets\n";
  EXPECT_EQ(decoded("netflow", "netflow_definitions => \"" + path + "\"",
                    packet9(set_of(0, template_of(260, {{65'000, 2}, {1, 4}})) +
                            set_of(260, n(1, 2) + n(2, 4)))),
            R"({"netflow":{"flow_seq_num":7,"flowset_id":260,"mine":1,"octets":2,"version":9}})");
  std::ofstream(path) << "65000: [:nothing, :mine]\n";
  EXPECT_NE(test::make_error("netflow", "netflow_definitions => \"" + path + "\"").find("no type"),
            std::string::npos);
  std::filesystem::remove(path);
}

TEST(NetflowCodec, hostile_sizes_end_the_packet) {
  EXPECT_EQ(decoded("netflow", "", packet9("\0\0\xFF\xFF"s)), "");
  EXPECT_EQ(decoded("netflow", "", packet9(set_of(0, n(260, 2) + n(65'535, 2)))), "");
  EXPECT_EQ(decoded("netflow", "", "\0\0\xFF\xFF\xFF\xFF"s), "");
  EXPECT_EQ(decoded("netflow", "", "\0\0"s), "");
  EXPECT_EQ(decoded("netflow", "", ""), "");
  EXPECT_EQ(
      decoded("netflow", "", packet9(set_of(0, template_of(260, {{8, 0}})) + set_of(260, kFlow))),
      "");
}

std::string value(netflow::FieldKind kind, std::string_view bytes) {
  Arena arena;
  return to_text(netflow::value_of(kind, bytes, arena));
}

TEST(NetflowValues, of_each_kind) {
  using netflow::FieldKind;
  EXPECT_EQ(value(FieldKind::unsigned_integer, "\1\0\0"s), "65536");
  EXPECT_EQ(value(FieldKind::unsigned_integer, std::string(8, '\xFF')), "18446744073709551615");
  EXPECT_EQ(value(FieldKind::unsigned_integer, std::string(16, '\xFF')), std::string(32, 'f'));
  EXPECT_EQ(value(FieldKind::signed_integer, "\xFE"), "-2");
  EXPECT_EQ(value(FieldKind::real, "\x3F\xC0\0\0"s), "1.5");
  EXPECT_EQ(value(FieldKind::text, "ab\0\0"s), "ab");
  EXPECT_EQ(value(FieldKind::mac, "\0\x1B\xFF\x01\x02\x03"s), "00:1b:ff:01:02:03");
  EXPECT_EQ(value(FieldKind::asa_acl, "\x0F\x8E\x7F\xF3\xFC\x1A\x03\x0F\0\0\0\0"s),
            "0f8e7ff3-fc1a030f-00000000");
  EXPECT_EQ(value(FieldKind::application, "\x14\0\0\x30\x44\0\1\2\3"s), "20..12356..66051");
  EXPECT_EQ(value(FieldKind::application, "\3\0\0\x50"s), "3..80");
  EXPECT_EQ(value(FieldKind::mpls, "\0\1\1"s),
            R"({"label":16,"experimental":0,"bottom_of_stack":1})");
  EXPECT_EQ(value(FieldKind::forwarding, "\x41"), R"({"status":1,"reason":1})");
  EXPECT_EQ(value(FieldKind::ip4, "\1\2\3"), "010203");
}

class NetflowTemplates : public testing::Test {
 protected:
  // What the decoder of any worker makes of the packet.
  std::string take(const std::string& packet, std::string_view from = "a", Time now = Time{}) {
    Records records;
    templates_.take(test::bytes_of(packet), from, now, records);
    EXPECT_EQ(records.views.size(), 1U);
    return decoded("netflow", "", records.views[0]);
  }
  netflow::Templates templates_{10min, test::test_context()};
};

TEST_F(NetflowTemplates, are_there_for_every_later_packet) {
  EXPECT_EQ(take(packet9(set_of(260, kFlow))), "");
  EXPECT_EQ(take(packet9(set_of(0, kTemplate))), "");
  EXPECT_EQ(take(packet9(set_of(260, kFlow))), kEvent);
  EXPECT_EQ(take(packet9(set_of(260, kFlow) + set_of(260, kFlow))),
            std::string(kEvent) + "\n" + kEvent);
}

TEST_F(NetflowTemplates, belong_to_their_exporter_and_source) {
  take(packet9(set_of(0, kTemplate)));
  EXPECT_EQ(take(packet9(set_of(260, kFlow)), "b"), "");
  EXPECT_EQ(take(packet9(set_of(260, kFlow), 2)), "");
  EXPECT_EQ(take(packet10(set_of(260, kFlow))), "");
}

TEST_F(NetflowTemplates, may_change_and_be_withdrawn) {
  take(packet10(set_of(2, template_of(260, {{4, 1}}))));
  EXPECT_EQ(take(packet10(set_of(260, n(6, 1)))),
            R"({"netflow":{"protocolIdentifier":6,"version":10}})");
  take(packet10(set_of(2, template_of(260, {{5, 1}}))));
  EXPECT_EQ(take(packet10(set_of(260, n(6, 1)))),
            R"({"netflow":{"ipClassOfService":6,"version":10}})");
  take(packet10(set_of(2, n(260, 2) + n(0, 2))));
  EXPECT_EQ(take(packet10(set_of(260, n(6, 1)))), "");
}

TEST_F(NetflowTemplates, grow_old) {
  take(packet9(set_of(0, kTemplate)));
  EXPECT_EQ(take(packet9(set_of(260, kFlow)), "a", Time{} + 9min), kEvent);
  EXPECT_EQ(take(packet9(set_of(260, kFlow)), "a", Time{} + 11min), "");
}

TEST_F(NetflowTemplates, take_bounded_memory) {
  for (uint32_t source = 0; source < netflow::kExportersMax + 100; ++source)
    take(packet9(set_of(0, kTemplate), source), "a", Time{} + std::chrono::milliseconds(source));
  EXPECT_EQ(templates_.exporters(), netflow::kExportersMax);
  std::string many;
  for (uint16_t id = 256; id < 2000; ++id) many += template_of(id, {{4, 1}});
  take(packet9(set_of(0, many)), "b");
  EXPECT_EQ(take(packet9(set_of(1999, n(6, 1))), "b"), "");
  EXPECT_NE(take(packet9(set_of(300, n(6, 1))), "b"), "");
}

}  // namespace
}  // namespace penstock
