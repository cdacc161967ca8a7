#include "outputs/elasticsearch/document_encoder.h"

#include <cstring>

#include "pipeline/base/check.h"
#include "pipeline/base/text.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock::elastic {
namespace {

constexpr std::string_view kActionNames[] = {"index", "create", "update", "delete"};

// As an engine would see it: text from the config need not be UTF-8.
void append_string(std::string_view text, ByteBuffer& out) {
  if (is_utf8(text)) return write_json_string(text, out);
  write_json_string(replace_invalid_utf8(text), out);
}

const FieldRef& data_stream_field(size_t which) {
  static const FieldRef kFields[] = {FieldRef::of("[data_stream][type]"),
                                     FieldRef::of("[data_stream][dataset]"),
                                     FieldRef::of("[data_stream][namespace]")};
  return kFields[which];
}

Status check_upsert(const std::string& upsert) {
  if (upsert.empty()) return ok_status();
  Arena arena;
  Value value;
  JsonReader reader;
  if (reader.read(upsert, arena, value) == JsonReader::Outcome::ok && value.is_object() &&
      upsert.find('\n') == std::string::npos)
    return ok_status();
  return Error{Errc::bad_config, "upsert: must be a JSON object on one line", {}};
}

}  // namespace

Counter& IndexCounters::of(const std::string& index) {
  std::lock_guard lock(mutex_);
  const auto found = counters_.find(index);
  if (found != counters_.end()) return *found->second;
  const std::string name = counters_.size() < kIndicesMax ? index : "(others)";
  auto& counter = counters_[name];
  if (!counter) {
    counter = std::make_unique<Counter>();
    if (metrics_)
      metrics_->counter("index_documents", "Documents routed to each index.", {{"index", name}},
                        *counter);
  }
  return *counter;
}

Result<std::optional<Template>> DocumentEncoder::optional_template(const std::string& text,
                                                                   std::string_view option) {
  if (text.empty()) return std::optional<Template>();
  auto parsed = Template::parse(text);
  if (!parsed.ok())
    return Error{Errc::bad_config, std::string(option) + ": " + parsed.error().message, {}};
  return std::optional<Template>(std::move(parsed).value());
}

Result<DocumentEncoder> DocumentEncoder::make(const ItemConfig& config, IndexCounters* counters) {
  DocumentEncoder encoder(config);
  encoder.counters_ = counters;
  TRY(encoder.index_, optional_template(config.index, "index"));
  TRY(encoder.action_, optional_template(config.action, "action"));
  TRY(encoder.id_, optional_template(config.document_id, "document_id"));
  TRY(encoder.routing_, optional_template(config.routing, "routing"));
  TRY(encoder.pipeline_, optional_template(config.pipeline, "pipeline"));
  TRY(encoder.version_, optional_template(config.version, "version"));
  TRY_STATUS(check_upsert(config.upsert));
  if (encoder.action_ && encoder.action_->is_constant()) {
    encoder.constant_action_ = Action::unknown;
    for (size_t i = 0; i < std::size(kActionNames); ++i)
      if (config.action == kActionNames[i]) encoder.constant_action_ = static_cast<Action>(i);
    if (encoder.constant_action_ == Action::unknown)
      return Error{Errc::bad_config,
                   "action: must be index, create, update or delete, got `" + config.action + "`",
                   {}};
    encoder.action_.reset();
  }
  return encoder;
}

void DocumentEncoder::append_data_stream_name(const Event& event) {
  const std::string* const fallback[] = {&config_.data_stream_type, &config_.data_stream_dataset,
                                         &config_.data_stream_namespace};
  for (size_t i = 0; i < 3; ++i) {
    if (i) index_text_ += '-';
    const Value* own =
        config_.data_stream_auto_routing ? event.find(data_stream_field(i)) : nullptr;
    if (own && own->is_string())
      index_text_ += own->view();
    else
      index_text_ += *fallback[i];
  }
}

bool DocumentEncoder::index_of(const Event& event, std::string_view& index) {
  index_text_.clear();
  bool whole = true;
  if (config_.data_stream)
    append_data_stream_name(event);
  else if (index_)
    whole = index_->append(event, index_text_);
  index = index_text_;
  return whole || !config_.refuse_unresolved_index;
}

DocumentEncoder::Action DocumentEncoder::action_of(const Event& event) {
  if (!action_) [[likely]]
    return constant_action_;
  scratch_.clear();
  action_->append(event, scratch_);
  for (size_t i = 0; i < std::size(kActionNames); ++i)
    if (scratch_ == kActionNames[i]) return static_cast<Action>(i);
  return Action::unknown;
}

DocumentEncoder::Destination& DocumentEncoder::destination(Action action,
                                                           const std::string& index) {
  if (last_ && last_action_ == action && last_index_ == index) [[likely]]
    return *last_;
  const auto key = std::make_pair(action, index);
  auto found = destinations_.find(key);
  if (found == destinations_.end()) {
    if (destinations_.size() >= kDestinationsMax) {  // names from events: start afresh
      publish_counts();
      destinations_.clear();
    }
    found = destinations_.emplace(key, Destination{}).first;
    ByteBuffer prefix;
    const auto name = action == Action::unknown ? Action::index : action;
    prefix.append("{\"");
    prefix.append(kActionNames[static_cast<size_t>(name)]);
    prefix.append("\":{\"_index\":");
    append_string(index, prefix);
    if (action == Action::update)
      prefix.append(",\"retry_on_conflict\":" + std::to_string(config_.retry_on_conflict));
    if (!config_.version_type.empty()) {
      prefix.append(",\"version_type\":");
      append_string(config_.version_type, prefix);
    }
    found->second.prefix = prefix.view();
    if (counters_) found->second.counter = &counters_->of(index);
  }
  last_ = &found->second;
  last_action_ = action;
  last_index_ = index;
  return *last_;
}

void DocumentEncoder::append_text_parameter(std::string_view name,
                                            const std::optional<Template>& text, const Event& event,
                                            ByteBuffer& out) {
  if (!text) return;
  scratch_.clear();
  text->append(event, scratch_);
  if (scratch_.empty()) return;
  out.append(name);
  append_string(scratch_, out);
}

void DocumentEncoder::append_action_line(const Event& event, Destination& to, Action action,
                                         ByteBuffer& out) {
  out.append(to.prefix);
  append_text_parameter(",\"_id\":", id_, event, out);
  append_text_parameter(",\"routing\":", routing_, event, out);
  if (action != Action::update && action != Action::remove)
    append_text_parameter(",\"pipeline\":", pipeline_, event, out);
  append_text_parameter(",\"version\":", version_, event, out);
  out.append("}}\n");
}

void DocumentEncoder::append_document(const Event& event, ByteBuffer& out) const {
  const size_t begin = out.size();
  write_json(event.root(), out);
  DCHECK(out.view().find('\n', begin) == std::string_view::npos, "a document is one line");
  (void)begin;
  if (config_.data_stream && config_.data_stream_sync_fields &&
      !object_find(event.root(), data_stream_field(0).segments()[0].name())) {
    out.truncate(out.size() - 1);  // the closing brace
    out.append(event.root().size ? ",\"data_stream\":{\"type\":" : "\"data_stream\":{\"type\":");
    append_string(config_.data_stream_type, out);
    out.append(",\"dataset\":");
    append_string(config_.data_stream_dataset, out);
    out.append(",\"namespace\":");
    append_string(config_.data_stream_namespace, out);
    out.append("}}");
  }
  out.push_back('\n');
}

void DocumentEncoder::append_update(const Event& event, ByteBuffer& out) const {
  out.append("{\"doc\":");
  append_document(event, out);
  out.truncate(out.size() - 1);  // the newline
  if (config_.doc_as_upsert)
    out.append(",\"doc_as_upsert\":true");
  else if (!config_.upsert.empty())
    out.append(",\"upsert\":" + config_.upsert);
  out.append("}\n");
}

void DocumentEncoder::append_aside(const Event& event, Action action, Bulk& bulk) const {
  const bool other_form = action == Action::update || action == Action::remove;
  if (event.metadata().size == 0 && !other_form) [[likely]]
    return;
  Aside aside{bulk.size(), static_cast<uint32_t>(bulk.aside_text.size()), 0, 0, 0};
  if (other_form) write_json(event.root(), bulk.aside_text);
  aside.metadata_offset = static_cast<uint32_t>(bulk.aside_text.size());
  aside.event_size = aside.metadata_offset - aside.event_offset;
  if (event.metadata().size) write_json(event.metadata(), bulk.aside_text);
  aside.metadata_size = static_cast<uint32_t>(bulk.aside_text.size()) - aside.metadata_offset;
  bulk.asides.push_back(aside);
}

std::optional<Refusal> DocumentEncoder::append(const Event& event, Row row, Bulk& bulk) {
  std::string_view name;
  std::optional<Refusal> refusal;
  if (!index_of(event, name)) [[unlikely]]
    refusal = Refusal{0, "the index name could not be resolved: " + std::string(name)};
  const Action action = action_of(event);
  if (action == Action::unknown) [[unlikely]]
    refusal = Refusal{0, "there is no bulk action `" + scratch_ + "`"};
  append_aside(event, action, bulk);
  bulk.documents.push_back({static_cast<uint32_t>(bulk.body.size()), row});
  if (refusal) [[unlikely]] {
    // No counter and no cached line: the name is whatever the event made of it.
    bulk.body.append("{\"index\":{\"_index\":");
    append_string(name, bulk.body);
    bulk.body.append("}}\n");
    append_document(event, bulk.body);
    return refusal;
  }
  Destination& to = destination(action, index_text_);
  ++to.count;
  append_action_line(event, to, action, bulk.body);
  if (action == Action::update)
    append_update(event, bulk.body);
  else if (action != Action::remove)
    append_document(event, bulk.body);
  return {};
}

void DocumentEncoder::publish_counts() {
  for (auto& [key, to] : destinations_) {
    if (to.counter && to.count) to.counter->add(to.count);
    to.count = 0;
  }
}

}  // namespace penstock::elastic
