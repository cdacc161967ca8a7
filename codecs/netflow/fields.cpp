#include "codecs/netflow/fields.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <span>

namespace penstock::netflow {
namespace {

constexpr Field kNetflowFields[] = {
#include "codecs/netflow/netflow_fields.inc"
};

constexpr Field kIpfixFields[] = {
#include "codecs/netflow/ipfix_fields.inc"
};

struct KindName {
  std::string_view name;
  FieldKind kind;
};
constexpr KindName kKindNames[] = {
    {"uint8", FieldKind::unsigned_integer},
    {"uint16", FieldKind::unsigned_integer},
    {"uint24", FieldKind::unsigned_integer},
    {"uint32", FieldKind::unsigned_integer},
    {"uint64", FieldKind::unsigned_integer},
    {"int8", FieldKind::signed_integer},
    {"int16", FieldKind::signed_integer},
    {"int32", FieldKind::signed_integer},
    {"int64", FieldKind::signed_integer},
    {"float", FieldKind::real},
    {"double", FieldKind::real},
    {"string", FieldKind::text},
    {"skip", FieldKind::skipped},
    {"ip4_addr", FieldKind::ip4},
    {"ip6_addr", FieldKind::ip6},
    {"mac_addr", FieldKind::mac},
    {"octetarray", FieldKind::octets},
    {"acl_id_asa", FieldKind::asa_acl},
    {"forwarding_status", FieldKind::forwarding},
    {"application_id", FieldKind::application},
    {"mpls_label_stack_octets", FieldKind::mpls},
};

std::string_view without_colon(std::string_view text) {
  if (text.starts_with(':')) text.remove_prefix(1);
  return text;
}

// Ruby's symbols begin with a colon. A number alone is an unsigned integer of so many bytes.
std::optional<FieldKind> kind_of(std::string_view text) {
  if (!text.empty() && text.find_first_not_of("0123456789") == text.npos)
    return FieldKind::unsigned_integer;
  for (const KindName& known : kKindNames)
    if (known.name == without_colon(text)) return known.kind;
  return std::nullopt;
}

constexpr size_t kFieldsMax = 20'000;  // of a file

}  // namespace

const Field* Fields::find(uint32_t enterprise, uint16_t number) const {
  if (const auto own = own_.find({enterprise, number}); own != own_.end()) return &own->second;
  if (replaced_.contains(enterprise)) return nullptr;
  const std::span<const Field> known = protocol_ == Protocol::netflow9
                                           ? std::span<const Field>(kNetflowFields)
                                           : std::span<const Field>(kIpfixFields);
  const auto at = std::lower_bound(known.begin(), known.end(), std::pair(enterprise, number),
                                   [](const Field& field, const auto& key) {
                                     return std::pair(field.enterprise, field.number) < key;
                                   });
  if (at == known.end() || at->enterprise != enterprise || at->number != number) return nullptr;
  return &*at;
}

// The only place that meets yaml-cpp's exceptions.
Status Fields::read_file(const std::string& path) {
  try {
    const YAML::Node file = YAML::LoadFile(path);
    const auto add = [&](uint32_t enterprise, const YAML::Node& fields) -> Status {
      for (const auto& entry : fields) {
        const auto number = entry.first.as<uint16_t>();
        const auto kind = kind_of(entry.second[0].as<std::string>());
        if (!kind || own_.size() == kFieldsMax)
          return io_error(fmt::format("{}: field {}: no type `{}`", path, number,
                                      entry.second[0].as<std::string>()));
        const std::string name = entry.second.size() > 1 ? entry.second[1].as<std::string>() : "";
        names_.emplace_back(without_colon(name));
        own_[{enterprise, number}] = {enterprise, number, *kind, names_.back()};
      }
      return ok_status();
    };
    if (protocol_ == Protocol::netflow9) return add(0, file);
    for (const auto& enterprise : file) {
      const auto number = enterprise.first.as<uint32_t>();
      replaced_[number] = true;
      TRY_STATUS(add(number, enterprise.second));
    }
    return ok_status();
  } catch (const YAML::Exception& error) {
    return io_error(path + ": " + error.what());
  }
}

}  // namespace penstock::netflow
