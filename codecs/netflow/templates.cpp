#include "codecs/netflow/templates.h"

#include <algorithm>

namespace penstock::netflow {
namespace {

void append_number(uint64_t number, size_t size, ByteBuffer& out) {
  for (size_t i = size; i-- > 0;) out.push_back(static_cast<char>(number >> (8 * i)));
}

}  // namespace

Templates::Templates(std::chrono::minutes lifetime, const Context& context) : lifetime_(lifetime) {
  if (!context.metrics) return;
  context.metrics->counter("templates", "Templates received, again and again.", {}, learnt_);
  context.metrics->counter("templates_refused",
                           "Templates beyond the limits of an exporter or of a template.", {},
                           refused_);
}

void Templates::take(const Bytes& datagram, std::string_view from, Time now, Records& out) {
  std::string_view sets = datagram.view;
  const auto header = take_header(sets);
  if (!header) return out.add(datagram.slab, datagram.view);
  Exporter& sender = exporter({std::string(from), header->domain, header->version}, now);
  here_.clear();
  record_.clear();
  record_.append(std::string_view("\0\0\0\0\0\0", kEnvelopeBytes));
  while (const auto set = take_set(sets)) {
    if (set->id >= kDataSetMin)
      want(set->id, sender, now);
    else
      learn(*set, header->version, sender, now);
  }
  if (record_.size() == kEnvelopeBytes) return out.add(datagram.slab, datagram.view);
  const uint64_t size = record_.size() - kEnvelopeBytes;
  for (size_t i = 0; i < 4; ++i) record_.data()[2 + i] = static_cast<char>(size >> (24 - 8 * i));
  record_.append(datagram.view);
  out.add_copy(record_.view());
}

Templates::Exporter& Templates::exporter(Key key, Time now) {
  auto found = exporters_.find(key);
  if (found == exporters_.end()) {
    if (exporters_.size() >= kExportersMax)
      exporters_.erase(std::min_element(
          exporters_.begin(), exporters_.end(),
          [](const auto& a, const auto& b) { return a.second.heard < b.second.heard; }));
    found = exporters_.try_emplace(std::move(key)).first;
  }
  found->second.heard = now;
  return found->second;
}

void Templates::learn(const Set& set, uint16_t version, Exporter& exporter, Time now) {
  const bool options = set.is_options_template(version);
  if (!options && !set.is_template(version)) return;
  std::string_view body = set.body;
  while (const auto found = take_template(body, version, options)) {
    if (here_.size() < kTemplatesMax) here_.push_back(found->id);
    if (found->fields == 0) {
      exporter.templates.erase(found->id);
      continue;
    }
    const bool known = exporter.templates.contains(found->id);
    if (found->bytes.size() > kTemplateBytesMax ||
        (!known && exporter.templates.size() >= kTemplatesMax)) {
      refused_.add();
      continue;
    }
    learnt_.add();
    ByteBuffer bytes;
    append_number(set.id, 2, bytes);
    append_number(found->bytes.size() + 4, 2, bytes);
    bytes.append(found->bytes);
    exporter.templates[found->id] = {std::string(bytes.view()), now};
  }
}

// Puts the template in front of the packet, unless it is there.
void Templates::want(uint16_t id, Exporter& exporter, Time now) {
  if (here_.size() >= kTemplatesMax || std::find(here_.begin(), here_.end(), id) != here_.end())
    return;
  const auto found = exporter.templates.find(id);
  if (found == exporter.templates.end()) return;
  if (now - found->second.since > lifetime_) {
    exporter.templates.erase(found);
    return;
  }
  here_.push_back(id);
  record_.append(found->second.bytes);
}

}  // namespace penstock::netflow
