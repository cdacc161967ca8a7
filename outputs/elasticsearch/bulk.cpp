#include "outputs/elasticsearch/bulk.h"

#include <algorithm>
#include <cstring>

#include "pipeline/base/check.h"

namespace penstock::elastic {
namespace {

// Index of the last owner whose first document is not after `document`.
size_t owner_index(const std::vector<Owner>& owners, uint32_t document) {
  const auto after =
      std::upper_bound(owners.begin(), owners.end(), document,
                       [](uint32_t wanted, const Owner& owner) { return wanted < owner.first; });
  CHECK(after != owners.begin(), "every document has an owner");
  return static_cast<size_t>(after - owners.begin()) - 1;
}

}  // namespace

void Share::settle(uint32_t rows) noexcept {
  CHECK(rows <= open_, "a row settles once");
  open_ -= rows;
  if (open_ == 0 && rows) delivery_.done();
}

void Share::settle_dead(Row row) noexcept {
  CHECK(open_ > 0, "a row settles once");
  delivery_.dead_letter(row);
  settle(1);
}

std::string_view Bulk::item(uint32_t document) const {
  const size_t begin = documents[document].offset;
  const size_t end = document + 1 < size() ? documents[document + 1].offset : body.size();
  return body.view().substr(begin, end - begin);
}

std::string_view Bulk::action_line(uint32_t document) const {
  const std::string_view both = item(document);
  return both.substr(0, both.find('\n'));
}

const Aside* Bulk::aside_of(uint32_t document) const {
  const auto found =
      std::lower_bound(asides.begin(), asides.end(), document,
                       [](const Aside& aside, uint32_t wanted) { return aside.document < wanted; });
  return found != asides.end() && found->document == document ? &*found : nullptr;
}

std::string_view Bulk::event_json(uint32_t document) const {
  if (const Aside* aside = aside_of(document); aside && aside->event_size)
    return aside_text.view().substr(aside->event_offset, aside->event_size);
  std::string_view both = item(document);
  both.remove_prefix(both.find('\n') + 1);
  if (both.ends_with('\n')) both.remove_suffix(1);
  return both;
}

std::string_view Bulk::metadata_json(uint32_t document) const {
  const Aside* aside = aside_of(document);
  if (!aside) return {};
  return aside_text.view().substr(aside->metadata_offset, aside->metadata_size);
}

const std::shared_ptr<Share>& Bulk::share_pointer(uint32_t document) const {
  return owners[owner_index(owners, document)].share;
}

Share& Bulk::share_of(uint32_t document) const { return *share_pointer(document); }

void Bulk::own(const std::shared_ptr<Share>& share) {
  if (owners.empty() || owners.back().share != share) owners.push_back({size(), share});
}

void Bulk::take(const Bulk& from, uint32_t document) {
  own(from.share_pointer(document));
  if (const Aside* aside = from.aside_of(document)) {
    const auto text = from.aside_text.view();
    Aside copy{size(), static_cast<uint32_t>(aside_text.size()), aside->event_size, 0,
               aside->metadata_size};
    aside_text.append(text.substr(aside->event_offset, aside->event_size));
    copy.metadata_offset = static_cast<uint32_t>(aside_text.size());
    aside_text.append(text.substr(aside->metadata_offset, aside->metadata_size));
    asides.push_back(copy);
  }
  documents.push_back({static_cast<uint32_t>(body.size()), from.documents[document].row});
  body.append(from.item(document));
}

void Bulk::clear(size_t keep_bytes) {
  if (body.capacity() > keep_bytes) body = ByteBuffer();
  if (compressed.capacity() > keep_bytes) compressed = ByteBuffer();
  if (aside_text.capacity() > keep_bytes) aside_text = ByteBuffer();
  body.clear();
  compressed.clear();
  aside_text.clear();
  documents.clear();
  owners.clear();
  asides.clear();
  refusals.clear();
  written = 0;
  attempts = 0;
  charged = 0;
  ready_at = {};
  born = {};
}

void reserve_body(Bulk& bulk, size_t bytes) {
  if (bulk.body.capacity() < bytes) bulk.body.reserve(bytes);
}

void settle_all(Bulk& bulk) noexcept {
  for (size_t i = 0; i < bulk.owners.size(); ++i) {
    const uint32_t end = i + 1 < bulk.owners.size() ? bulk.owners[i + 1].first : bulk.size();
    bulk.owners[i].share->settle(end - bulk.owners[i].first);
  }
  bulk.owners.clear();
}

Status put_letters(Bulk& bulk, DeadLetters* dead_letters, std::string_view plugin_type,
                   std::string_view plugin_id) {
  if (!dead_letters) return ok_status();
  ByteBuffer metadata;
  for (; bulk.written < bulk.size(); ++bulk.written) {
    const uint32_t document = bulk.written;
    const std::string_view own = bulk.metadata_json(document);
    metadata.clear();
    metadata.append(own.size() > 2 ? own.substr(0, own.size() - 1) : "{");
    metadata.append(own.size() > 2 ? ",\"_bulk_action\":" : "\"_bulk_action\":");
    metadata.append(bulk.action_line(document));
    metadata.push_back('}');
    DeadLetter letter;
    letter.event_json = bulk.event_json(document);
    letter.metadata_json = metadata.view();
    letter.plugin_type = plugin_type;
    letter.plugin_id = plugin_id;
    letter.reason = bulk.refusals[document].reason;
    letter.status = bulk.refusals[document].status;
    TRY_STATUS(dead_letters->put(letter));
  }
  return dead_letters->sync();
}

}  // namespace penstock::elastic
