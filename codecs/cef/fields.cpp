#include "codecs/cef/fields.h"

#include <bit>

#include <fmt/format.h>

namespace penstock::cef {
namespace {

struct Known {
  std::string_view name;
  std::string_view key = {};     // short name; "" when there is none
  std::string_view ecs;          // field under ECS
  std::string_view host = {};    // the same when device fields describe the host, if it differs
  std::string_view legacy = {};  // an older name
  bool is_time = false;
};

// Of fields that go to the same place the last one names it when encoding.
constexpr Known kKnown[] = {
    {.name = "agentAddress", .key = "agt", .ecs = "[agent][ip]"},
    {.name = "agentHostName", .key = "ahost", .ecs = "[agent][name]"},
    {.name = "agentId", .key = "aid", .ecs = "[agent][id]"},
    {.name = "agentMacAddress", .key = "amac", .ecs = "[agent][mac]"},
    {.name = "agentNtDomain", .ecs = "[cef][agent][registered_domain]"},
    {.name = "agentReceiptTime", .key = "art", .ecs = "[event][created]", .is_time = true},
    {.name = "agentTimeZone", .key = "atz", .ecs = "[cef][agent][timezone]"},
    {.name = "agentTranslatedAddress", .ecs = "[cef][agent][nat][ip]"},
    {.name = "agentTranslatedZoneExternalID", .ecs = "[cef][agent][translated_zone][external_id]"},
    {.name = "agentTranslatedZoneURI", .ecs = "[cef][agent][translated_zone][uri]"},
    {.name = "agentType", .key = "at", .ecs = "[agent][type]"},
    {.name = "agentVersion", .key = "av", .ecs = "[agent][version]"},
    {.name = "agentZoneExternalID", .ecs = "[cef][agent][zone][external_id]"},
    {.name = "agentZoneURI", .ecs = "[cef][agent][zone][uri]"},
    {.name = "applicationProtocol", .key = "app", .ecs = "[network][protocol]"},
    {.name = "baseEventCount", .key = "cnt", .ecs = "[cef][base_event_count]"},
    {.name = "bytesIn", .key = "in", .ecs = "[source][bytes]"},
    {.name = "bytesOut", .key = "out", .ecs = "[destination][bytes]"},
    {.name = "categoryDeviceType", .key = "catdt", .ecs = "[cef][device_type]"},
    {.name = "customerExternalID", .ecs = "[organization][id]"},
    {.name = "customerURI", .ecs = "[organization][name]"},
    {.name = "destinationAddress", .key = "dst", .ecs = "[destination][ip]"},
    {.name = "destinationGeoLatitude",
     .key = "dlat",
     .ecs = "[destination][geo][location][lat]",
     .legacy = "destinationLatitude"},
    {.name = "destinationGeoLongitude",
     .key = "dlong",
     .ecs = "[destination][geo][location][lon]",
     .legacy = "destinationLongitude"},
    {.name = "destinationHostName", .key = "dhost", .ecs = "[destination][domain]"},
    {.name = "destinationMacAddress", .key = "dmac", .ecs = "[destination][mac]"},
    {.name = "destinationNtDomain", .key = "dntdom", .ecs = "[destination][registered_domain]"},
    {.name = "destinationPort", .key = "dpt", .ecs = "[destination][port]"},
    {.name = "destinationProcessId", .key = "dpid", .ecs = "[destination][process][pid]"},
    {.name = "destinationProcessName", .key = "dproc", .ecs = "[destination][process][name]"},
    {.name = "destinationServiceName", .ecs = "[destination][service][name]"},
    {.name = "destinationTranslatedAddress", .ecs = "[destination][nat][ip]"},
    {.name = "destinationTranslatedPort", .ecs = "[destination][nat][port]"},
    {.name = "destinationTranslatedZoneExternalID",
     .ecs = "[cef][destination][translated_zone][external_id]"},
    {.name = "destinationTranslatedZoneURI", .ecs = "[cef][destination][translated_zone][uri]"},
    {.name = "destinationUserId", .key = "duid", .ecs = "[destination][user][id]"},
    {.name = "destinationUserName", .key = "duser", .ecs = "[destination][user][name]"},
    {.name = "destinationUserPrivileges",
     .key = "dpriv",
     .ecs = "[destination][user][group][name]"},
    {.name = "destinationZoneExternalID", .ecs = "[cef][destination][zone][external_id]"},
    {.name = "destinationZoneURI", .ecs = "[cef][destination][zone][uri]"},
    {.name = "deviceAction", .key = "act", .ecs = "[event][action]"},
    {.name = "deviceAddress", .key = "dvc", .ecs = "[observer][ip]", .host = "[host][ip]"},
    {.name = "deviceDirection", .ecs = "[network][direction]"},
    {.name = "deviceEventCategory", .key = "cat", .ecs = "[cef][category]"},
    {.name = "deviceExternalId", .ecs = "[observer][name]", .host = "[host][id]"},
    {.name = "deviceFacility", .ecs = "[log][syslog][facility][code]"},
    {.name = "deviceHostName",
     .key = "dvchost",
     .ecs = "[observer][hostname]",
     .host = "[host][name]"},
    {.name = "deviceInboundInterface", .ecs = "[observer][ingress][interface][name]"},
    {.name = "deviceMacAddress", .key = "dvcmac", .ecs = "[observer][mac]", .host = "[host][mac]"},
    {.name = "deviceNtDomain", .ecs = "[cef][nt_domain]"},
    {.name = "deviceOutboundInterface", .ecs = "[observer][egress][interface][name]"},
    {.name = "devicePayloadId", .ecs = "[cef][payload_id]"},
    {.name = "deviceProcessId", .key = "dvcpid", .ecs = "[process][pid]"},
    {.name = "deviceProcessName", .ecs = "[process][name]"},
    {.name = "deviceReceiptTime", .key = "rt", .ecs = "@timestamp", .is_time = true},
    {.name = "deviceTimeZone",
     .key = "dtz",
     .ecs = "[event][timezone]",
     .legacy = "destinationTimeZone"},
    {.name = "deviceTranslatedAddress", .ecs = "[host][nat][ip]"},
    {.name = "deviceTranslatedZoneExternalID", .ecs = "[cef][translated_zone][external_id]"},
    {.name = "deviceTranslatedZoneURI", .ecs = "[cef][translated_zone][uri]"},
    {.name = "deviceVersion", .ecs = "[observer][version]"},
    {.name = "deviceZoneExternalID", .ecs = "[cef][zone][external_id]"},
    {.name = "deviceZoneURI", .ecs = "[cef][zone][uri]"},
    {.name = "endTime", .key = "end", .ecs = "[event][end]", .is_time = true},
    {.name = "eventId", .ecs = "[event][id]"},
    {.name = "eventOutcome", .key = "outcome", .ecs = "[event][outcome]"},
    {.name = "externalId", .ecs = "[cef][external_id]"},
    {.name = "fileCreateTime", .ecs = "[file][created]"},
    {.name = "fileHash", .ecs = "[file][hash]"},
    {.name = "fileId", .ecs = "[file][inode]"},
    {.name = "fileModificationTime", .ecs = "[file][mtime]", .is_time = true},
    {.name = "fileName", .key = "fname", .ecs = "[file][name]"},
    {.name = "filePath", .ecs = "[file][path]"},
    {.name = "filePermission", .ecs = "[file][group]"},
    {.name = "fileSize", .key = "fsize", .ecs = "[file][size]"},
    {.name = "fileType", .ecs = "[file][extension]"},
    {.name = "managerReceiptTime", .key = "mrt", .ecs = "[event][ingested]", .is_time = true},
    {.name = "message", .key = "msg", .ecs = "[message]"},
    {.name = "oldFileCreateTime", .ecs = "[cef][old_file][created]", .is_time = true},
    {.name = "oldFileHash", .ecs = "[cef][old_file][hash]"},
    {.name = "oldFileId", .ecs = "[cef][old_file][inode]"},
    {.name = "oldFileModificationTime", .ecs = "[cef][old_file][mtime]", .is_time = true},
    {.name = "oldFileName", .ecs = "[cef][old_file][name]"},
    {.name = "oldFilePath", .ecs = "[cef][old_file][path]"},
    {.name = "oldFilePermission", .ecs = "[cef][old_file][group]"},
    {.name = "oldFileSize", .ecs = "[cef][old_file][size]"},
    {.name = "oldFileType", .ecs = "[cef][old_file][extension]"},
    {.name = "rawEvent", .ecs = "[event][original]"},
    {.name = "Reason", .key = "reason", .ecs = "[event][reason]"},
    {.name = "requestClientApplication", .ecs = "[user_agent][original]"},
    {.name = "requestContext", .ecs = "[http][request][referrer]"},
    {.name = "requestCookies", .ecs = "[cef][request][cookies]"},
    {.name = "requestMethod", .ecs = "[http][request][method]"},
    {.name = "requestUrl", .key = "request", .ecs = "[url][original]"},
    {.name = "sourceAddress", .key = "src", .ecs = "[source][ip]"},
    {.name = "sourceGeoLatitude",
     .key = "slat",
     .ecs = "[source][geo][location][lat]",
     .legacy = "sourceLatitude"},
    {.name = "sourceGeoLongitude",
     .key = "slong",
     .ecs = "[source][geo][location][lon]",
     .legacy = "sourceLongitude"},
    {.name = "sourceHostName", .key = "shost", .ecs = "[source][domain]"},
    {.name = "sourceMacAddress", .key = "smac", .ecs = "[source][mac]"},
    {.name = "sourceNtDomain", .key = "sntdom", .ecs = "[source][registered_domain]"},
    {.name = "sourcePort", .key = "spt", .ecs = "[source][port]"},
    {.name = "sourceProcessId", .key = "spid", .ecs = "[source][process][pid]"},
    {.name = "sourceProcessName", .key = "sproc", .ecs = "[source][process][name]"},
    {.name = "sourceServiceName", .ecs = "[source][service][name]"},
    {.name = "sourceTranslatedAddress", .ecs = "[source][nat][ip]"},
    {.name = "sourceTranslatedPort", .ecs = "[source][nat][port]"},
    {.name = "sourceTranslatedZoneExternalID",
     .ecs = "[cef][source][translated_zone][external_id]"},
    {.name = "sourceTranslatedZoneURI", .ecs = "[cef][source][translated_zone][uri]"},
    {.name = "sourceUserId", .key = "suid", .ecs = "[source][user][id]"},
    {.name = "sourceUserName", .key = "suser", .ecs = "[source][user][name]"},
    {.name = "sourceUserPrivileges", .key = "spriv", .ecs = "[source][user][group][name]"},
    {.name = "sourceZoneExternalID", .ecs = "[cef][source][zone][external_id]"},
    {.name = "sourceZoneURI", .ecs = "[cef][source][zone][uri]"},
    {.name = "startTime", .key = "start", .ecs = "[event][start]", .is_time = true},
    {.name = "transportProtocol", .key = "proto", .ecs = "[network][transport]"},
    {.name = "type", .ecs = "[cef][type]"},
    {.name = "agentDnsDomain", .ecs = "[cef][agent][registered_domain]"},
    {.name = "destinationDnsDomain", .ecs = "[destination][registered_domain]"},
    {.name = "deviceDnsDomain",
     .ecs = "[observer][registered_domain]",
     .host = "[host][registered_domain]"},
    {.name = "sourceDnsDomain", .ecs = "[source][registered_domain]"},
};

// Keys that there are fifteen of, each with a label.
struct Numbered {
  std::string_view name, key, ecs;
};
constexpr int kNumberedMax = 15;
constexpr Numbered kNumbered[] = {
    {"deviceCustomFloatingPoint", "cfp", "device_custom_floating_point"},
    {"deviceCustomIPv6Address", "c6a", "device_custom_ipv6_address"},
    {"deviceCustomNumber", "cn", "device_custom_number"},
    {"deviceCustomString", "cs", "device_custom_string"},
};

struct Field {
  std::string name, key, ecs, legacy;
  bool is_time = false;
};

std::vector<Field> all_fields(Device device) {
  std::vector<Field> out;
  for (const Known& known : kKnown) {
    const bool host = device == Device::host && !known.host.empty();
    out.push_back({std::string(known.name), std::string(known.key.empty() ? known.name : known.key),
                   std::string(host ? known.host : known.ecs), std::string(known.legacy),
                   known.is_time});
  }
  for (const Numbered& known : kNumbered)
    for (int i = 1; i <= kNumberedMax; ++i) {
      const std::string ecs = fmt::format("[cef][{}_{}]", known.ecs, i);
      const std::string name = fmt::format("{}{}", known.name, i);
      const std::string key = fmt::format("{}{}", known.key, i);
      out.push_back({name, key, ecs + "[value]", ""});
      out.push_back({name + "Label", key + "Label", ecs + "[label]", ""});
    }
  return out;
}

}  // namespace

DecodeMap::DecodeMap(bool ecs, Device device) {
  const std::vector<Field> fields = all_fields(device);
  slots_.resize(std::bit_ceil(fields.size() * 8));
  const auto target = [&](const std::string& text, bool is_time) -> const Target& {
    Target& made = targets_.emplace_back();
    made.text = text;
    made.is_time = is_time && ecs;
    if (text.find('[') == text.npos)
      made.name = Name(made.text);
    else
      made.field = FieldRef::of(text);
    return made;
  };
  for (const Field& field : fields) {
    const Target& to = target(ecs ? field.ecs : field.name, field.is_time);
    add(field.key, to);
    add(field.name, to);
    if (!field.legacy.empty()) add(field.legacy, ecs ? to : target(field.legacy, false));
  }
}

void DecodeMap::add(std::string_view key, const Target& target) {
  insert(keys_.emplace_back(key), target);
}

void DecodeMap::insert(std::string_view key, const Target& target) {
  const uint32_t hash = hash_name(key);
  size_t at = hash & (slots_.size() - 1);
  while (slots_[at].target && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {key, hash, &target};
}

const Target* DecodeMap::find(std::string_view key) const {
  const uint32_t hash = hash_name(key);
  for (size_t at = hash & (slots_.size() - 1); slots_[at].target;
       at = (at + 1) & (slots_.size() - 1))
    if (slots_[at].hash == hash && slots_[at].key == key) return slots_[at].target;
  return nullptr;
}

EncodeMap::EncodeMap(bool ecs, Device device, bool short_keys) {
  for (const Field& field : all_fields(device)) {
    const std::string& key = short_keys ? field.key : field.name;
    if (ecs) keys_[field.ecs] = key;
    keys_[field.name] = key;
    if (!field.legacy.empty()) keys_[field.legacy] = short_keys ? field.key : field.legacy;
  }
}

std::string_view EncodeMap::find(const std::string& field) const {
  const auto found = keys_.find(field);
  return found == keys_.end() ? std::string_view(field) : std::string_view(found->second);
}

}  // namespace penstock::cef
