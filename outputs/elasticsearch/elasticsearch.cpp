// The elasticsearch output: a lane per worker encodes events into a bulk and hands it to the one
// session, which sends it and answers for it.
#include "outputs/elasticsearch/options.h"
#include "outputs/elasticsearch/session.h"
#include "outputs/outputs.h"

namespace penstock {
namespace elastic {
namespace {

class BulkLane : public Lane {
 public:
  BulkLane(const ElasticsearchConfig& config, DocumentEncoder encoder, Session& session)
      : config_(config), encoder_(std::move(encoder)), session_(session) {
    if (config.session.compression_level > 0) gzip_.emplace(config.session.compression_level);
  }

  void write(const Batch& batch, Rows rows, Delivery delivery) override {
    if (rows.empty()) return delivery.done();
    const auto share =
        std::make_shared<Share>(std::move(delivery), static_cast<uint32_t>(rows.size()));
    for (const Row row : rows) {
      if (!bulk_) begin();
      bulk_->own(share);
      if (auto refusal = encoder_.append(batch[row], row, *bulk_)) [[unlikely]]
        refuse_last(std::move(*refusal));
      if (bulk_->size() >= config_.flush_documents || bulk_->body.size() >= config_.flush_bytes)
        flush(true);
    }
    if (letters_) submit(letters_, true);
  }

  bool pending() const override { return bulk_ && !bulk_->empty(); }

  void tick(std::chrono::steady_clock::time_point now) override {
    if (pending() && now - bulk_->born >= config_.flush_interval) flush(true);
  }

  void finish() override {
    if (pending()) flush(false);  // never waits: the pipeline is ending
  }

 private:
  void begin() {
    bulk_ = session_.take_empty();
    reserve_body(*bulk_, config_.flush_bytes);
    bulk_->born = std::chrono::steady_clock::now();
  }

  // The item at the end of the bulk can't be sent: it becomes a letter.
  void refuse_last(Refusal refusal) {
    if (!letters_) letters_ = session_.take_empty();
    const uint32_t last = bulk_->size() - 1;
    letters_->take(*bulk_, last);
    letters_->refusals.push_back(std::move(refusal));
    bulk_->body.truncate(bulk_->documents[last].offset);
    bulk_->documents.pop_back();
    if (!bulk_->asides.empty() && bulk_->asides.back().document == last) bulk_->asides.pop_back();
  }

  void flush(bool may_wait) {
    if (bulk_->empty()) return;
    if (gzip_) gzip_->compress(bulk_->body.view(), bulk_->compressed);
    submit(bulk_, may_wait);
    encoder_.publish_counts();
  }

  // A session that was stopped doesn't take it: the bulk goes, its events are replayed.
  void submit(std::unique_ptr<Bulk>& bulk, bool may_wait) {
    session_.submit(bulk, may_wait);
    bulk.reset();
  }

  const ElasticsearchConfig& config_;
  DocumentEncoder encoder_;
  Session& session_;
  std::optional<Gzip> gzip_;
  std::unique_ptr<Bulk> bulk_;
  std::unique_ptr<Bulk> letters_;
};

class ElasticsearchOutput : public Output {
 public:
  ElasticsearchOutput(ElasticsearchConfig config, const Context& context)
      : config_(std::move(config)),
        counters_(context.metrics),
        session_(config_.session, context.dead_letters) {
    if (context.metrics) session_.metrics().register_in(*context.metrics);
  }

  Status start() override {
    session_.start();
    return ok_status();
  }

  Result<std::unique_ptr<Lane>> open_lane(const Context&) override {
    TRY(DocumentEncoder encoder, DocumentEncoder::make(config_.item, &counters_));
    return std::unique_ptr<Lane>(std::make_unique<BulkLane>(config_, std::move(encoder), session_));
  }

  void stop(std::chrono::milliseconds grace) override { session_.stop(grace); }

 private:
  const ElasticsearchConfig config_;
  IndexCounters counters_;
  Session session_;
};

Result<std::unique_ptr<Output>> make(const Settings& settings, const Context& context) {
  TRY(ElasticsearchConfig config, read_options(settings, context));
  return std::unique_ptr<Output>(std::make_unique<ElasticsearchOutput>(std::move(config), context));
}

}  // namespace
}  // namespace elastic

OutputPlugin elasticsearch_output() {
  return {
      {"elasticsearch",
       "Stores events in Elasticsearch or OpenSearch by bulk requests, each one for certain.",
       elastic::elasticsearch_options(),
       "Without `index`, `data_stream` and `ilm_enabled => false` a daily index is written where "
       "Logstash may write to a rollover alias. Dead letters need no switch; 413 and other 4xx are "
       "dead letters and not retried for ever. The proxies of the environment are not used."},
      elastic::make};
}

}  // namespace penstock
