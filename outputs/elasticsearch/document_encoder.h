// DocumentEncoder: an event as it goes into a bulk request: the action line with the index it is
// meant for, then the document on one line. Shared by the elasticsearch and index_store outputs, so
// both store the same documents.
//
// Invariant: an item is exactly two lines (one for delete). Whatever an event holds, it can end
// neither its line nor its string: documents come from write_json(), which never writes a byte
// below 0x20, and every part of an action line that can come from an event is escaped.
//
// One per worker. Costs a rendered index name, a comparison with the one before, and the copy.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "outputs/elasticsearch/bulk.h"
#include "pipeline/base/result.h"
#include "pipeline/event/batch.h"
#include "pipeline/event/interpolate.h"
#include "pipeline/metrics/scope.h"

namespace penstock::elastic {

// The options that shape an item; texts may hold %{...} except where a comment says no.
struct ItemConfig {
  std::string index;
  std::string action = "index";
  std::string document_id;
  std::string routing;
  std::string pipeline;
  std::string version;
  std::string version_type;  // no %{...}
  std::string upsert;        // JSON
  bool doc_as_upsert = false;
  int retry_on_conflict = 1;
  bool refuse_unresolved_index = true;

  // Data streams: index is <type>-<dataset>-<namespace>, an event's own [data_stream] fields win
  // when auto_routing is on, and are added to the document when sync_fields is.
  bool data_stream = false;
  bool data_stream_auto_routing = true;
  bool data_stream_sync_fields = true;
  std::string data_stream_type = "logs";
  std::string data_stream_dataset = "generic";
  std::string data_stream_namespace = "default";
};

// Counts documents by index. At most kIndicesMax are told apart, the others share one. Thread-safe.
class IndexCounters {
 public:
  static constexpr size_t kIndicesMax = 512;

  explicit IndexCounters(MetricScope* metrics) : metrics_(metrics) {}
  // Lives as long as this object.
  Counter& of(const std::string& index);

 private:
  MetricScope* metrics_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Counter>> counters_;
};

class DocumentEncoder {
 public:
  // Fails when a template is wrong; the message names the option.
  static Result<DocumentEncoder> make(const ItemConfig& config, IndexCounters* counters);

  // Where the event goes; valid until the next call. False: the name has a hole (the text is left
  // as it stands) and `refuse_unresolved_index` is set.
  bool index_of(const Event& event, std::string_view& index);

  // Appends the event as an item. Empty: done. Otherwise why it can't be sent; the item was
  // appended all the same, for the dead letter.
  std::optional<Refusal> append(const Event& event, Row row, Bulk& bulk);

  // The document alone, with its newline.
  void append_document(const Event& event, ByteBuffer& out) const;
  // Counts a document that went to the index of the last index_of(), without append().
  void count_document() { ++destination(constant_action_, index_text_).count; }
  // Adds what was counted since the last call to the counters.
  void publish_counts();

 private:
  enum class Action : uint8_t { index, create, update, remove, unknown };
  struct Destination {
    std::string prefix;  // {"index":{"_index":"x" and what else is the same for all events
    Counter* counter = nullptr;
    uint64_t count = 0;
  };
  static constexpr size_t kDestinationsMax = 256;  // cached action lines

  explicit DocumentEncoder(const ItemConfig& config) : config_(config) {}
  static Result<std::optional<Template>> optional_template(const std::string& text,
                                                           std::string_view option);
  Destination& destination(Action action, const std::string& index);
  void append_data_stream_name(const Event& event);
  Action action_of(const Event& event);
  void append_text_parameter(std::string_view name, const std::optional<Template>& text,
                             const Event& event, ByteBuffer& out);
  void append_action_line(const Event& event, Destination& to, Action action, ByteBuffer& out);
  void append_update(const Event& event, ByteBuffer& out) const;
  void append_aside(const Event& event, Action action, Bulk& bulk) const;

  ItemConfig config_;
  IndexCounters* counters_ = nullptr;
  std::optional<Template> index_;
  std::optional<Template> action_;  // only when it isn't constant
  std::optional<Template> id_, routing_, pipeline_, version_;
  Action constant_action_ = Action::index;
  std::map<std::pair<Action, std::string>, Destination> destinations_;
  Destination* last_ = nullptr;
  Action last_action_ = Action::unknown;
  std::string last_index_;
  std::string index_text_, scratch_;
};

}  // namespace penstock::elastic
