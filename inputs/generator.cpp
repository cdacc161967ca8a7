#include "inputs/generator.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <thread>

#include "inputs/offering.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"message", OptionType::string, "Hello world!",
     "The text of each event, unless `lines` is given."},
    {"lines", OptionType::strings, "",
     "Texts to send one after the other, again and again; `count` counts rounds."},
    {"count", OptionType::integer, "0", "How many events (rounds of `lines`); 0 never ends."},
    {"threads", OptionType::integer, "1", "How many threads; each sends `count`."},
};

constexpr int64_t kThreadsMax = 64;

class Generator : public Input {
 public:
  Generator(std::vector<std::string> lines, uint64_t rounds, uint32_t threads,
            const Context& context)
      : rounds_(rounds), thread_count_(threads), context_(context) {
    // All texts lie in one slab, once; each parcel only views it.
    size_t bytes = 0;
    for (const std::string& line : lines) bytes += line.size();
    slab_ = Slab::make(std::max<size_t>(bytes, 1));
    char* to = slab_->data();
    for (const std::string& line : lines) {
      std::memcpy(to, line.data(), line.size());
      views_.emplace_back(to, line.size());
      to += line.size();
    }
  }
  ~Generator() override { stop(); }

  Status start(Intake& intake, uint32_t index) override {
    auto origin = std::make_shared<Origin>();
    origin->input = index;
    origin->stream = "generator";
    origin->ledger = &context_.ledger->source(context_.plugin_id, "");
    const char* field = context_.ecs == Ecs::disabled ? "host" : "[host][name]";
    origin->fields.push_back({FieldRef::of(field), context_.host_name});
    running_ = thread_count_;
    for (uint32_t i = 0; i < thread_count_; ++i) offerings_.emplace_back(intake, *this, origin);
    for (Offering& offering : offerings_)
      threads_.emplace_back([this, &intake, &offering] {
        pthread_setname_np(pthread_self(), "in-generator");
        generate(offering);
        // acq_rel: the last one out speaks for all
        if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) intake.finished(*this);
      });
    return ok_status();
  }

  void resume() override {
    for (Offering& offering : offerings_) offering.resume();
  }

  void stop() override {
    for (Offering& offering : offerings_) offering.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  void settle(Position, Verdict) noexcept override {}  // nothing to send again

 private:
  void generate(Offering& offering) {
    Records records;
    for (uint64_t round = 0; rounds_ == 0 || round < rounds_; ++round)
      for (const std::string_view view : views_) {
        records.add(slab_, view);
        const bool full = records.views.size() >= limits::kParcelRecordsMax ||
                          records.bytes >= limits::kParcelBytesMax;
        if (full && !offering.offer(records)) return;
      }
    offering.offer(records);
  }

  uint64_t rounds_;
  uint32_t thread_count_;
  Context context_;
  SlabRef slab_;
  std::vector<std::string_view> views_;
  std::deque<Offering> offerings_;  // by thread
  std::atomic<uint32_t> running_{0};
  std::vector<std::thread> threads_;
};

Result<std::unique_ptr<Input>> make(const Settings& settings, const Context& context) {
  if (settings.integer("count") < 0) return settings.error("count", "must be 0 or more");
  const int64_t threads = settings.integer("threads");
  if (threads < 1 || threads > kThreadsMax) return settings.error("threads", "must be 1 to 64");
  std::vector<std::string> lines = settings.strings("lines");
  if (lines.empty()) lines.push_back(settings.string("message"));
  return std::unique_ptr<Input>(std::make_unique<Generator>(
      std::move(lines), static_cast<uint64_t>(settings.integer("count")),
      static_cast<uint32_t>(threads), context));
}

}  // namespace

InputPlugin generator_input() {
  return {
      {"generator", "Makes up events, for trying a pipeline out and for measuring it.", kOptions},
      "plain",
      make};
}

}  // namespace penstock
