#include "inputs/dead_letter_queue.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "pipeline/base/log.h"
#include "pipeline/base/text.h"
#include "pipeline/config/declare.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/queue/dead_letter_queue.h"
#include "pipeline/queue/letter_choice.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"path", OptionType::path, "", "The folder of the queues: <path.data>/dead_letter_queue.",
     true},
    {"pipeline_id", OptionType::string, "main", "Whose letters."},
    own({"reason", OptionType::string, "", "Only letters whose reason holds this text."}),
    own({"status", OptionType::integer, "0", "Only letters with this status; 0 takes any."}),
    own({"drop_fields", OptionType::strings, "", "Fields to remove from the events."}),
    own({"set_fields", OptionType::strings, "",
         "Fields to set, as `field=value`; the value is JSON or a text."}),
    {"clean_consumed", OptionType::boolean, "false",
     "Deletes a segment of the queue when each of its letters was read and its event stored."},
    differing({"commit_offsets", OptionType::boolean, "true",
               "Has no effect: letters stay until clean_consumed deletes them."},
              "it has no effect: letters stay until clean_consumed deletes them"),
    differing({"sincedb_path", OptionType::path, "", "Has no effect."},
              "it has no effect: no position is kept"),
    refused("start_timestamp",
            "choose letters by `reason` or `status`, or events by a condition on "
            "[@metadata][dead_letter_queue][entry_time]"),
};

struct LetterConfig {
  std::string folder;
  LetterChoice choice;
  LetterEdit edit;
  bool clean = false;
};

// @metadata comes back as it was, its leaves as texts.
void add_metadata(const Value& value, const std::string& at, std::vector<OriginField>& out) {
  constexpr size_t kFieldsMax = 256;
  if (out.size() >= kFieldsMax) return;
  if (!value.is_object()) {
    if (auto field = FieldRef::parse(at); field.ok())
      out.push_back({std::move(field).value(), to_text(value)});
    return;
  }
  for (const Member& member : value.entries())
    if (member.name().find_first_of("[]") == std::string_view::npos && !member.name().empty())
      add_metadata(member.value, at + "[" + std::string(member.name()) + "]", out);
}

class DeadLetterInput : public Input {
 public:
  DeadLetterInput(LetterConfig config, const Context& context)
      : config_(std::move(config)), context_(context) {}
  ~DeadLetterInput() override { stop(); }

  Status start(Intake& intake, uint32_t index) override {
    intake_ = &intake;
    index_ = index;
    ledger_ = &context_.ledger->source(context_.plugin_id, "");
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "in-dead-letters");
      read_all();
      intake_->finished(*this);
    });
    return ok_status();
  }

  void resume() override {
    std::lock_guard lock(mutex_);
    resumed_ = true;
    changed_.notify_all();
  }

  void stop() override {
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  void settle(Position position, Verdict verdict) noexcept override {
    std::lock_guard lock(mutex_);
    Segment& segment = segments_[position.sequence];
    --segment.open;
    if (verdict != Verdict::done) segment.keep = true;
  }

  void checkpoint() override {
    if (!config_.clean) return;
    std::lock_guard lock(mutex_);
    const auto numbers = dead_letter_segments(config_.folder);
    const bool written_to = is_written_to();
    for (const auto& [number, segment] : segments_) {
      // The last segment may be one that a running pipeline appends to.
      if (segment.open || segment.keep || !segment.whole) continue;
      if (written_to && !numbers.empty() && number == numbers.back()) continue;
      char name[32];
      std::snprintf(name, sizeof name, "/%010llu.dlq", static_cast<unsigned long long>(number));
      unlink((config_.folder + name).c_str());
    }
  }

 private:
  struct Segment {
    uint64_t open = 0;   // letters on their way
    bool keep = false;   // a letter was left out or not stored
    bool whole = false;  // read to its end
  };

  bool is_written_to() const {
    const int lock = ::open((config_.folder + "/.lock").c_str(), O_RDONLY | O_CLOEXEC);
    if (lock < 0) return false;
    const bool taken = flock(lock, LOCK_EX | LOCK_NB) != 0;
    close(lock);
    return taken;
  }

  std::shared_ptr<const Origin> origin_of(const StoredLetter& letter) const {
    auto origin = std::make_shared<Origin>();
    origin->input = index_;
    origin->stream = "dead letters";
    origin->ledger = ledger_;
    char time[40];
    const std::pair<const char*, std::string> facts[] = {
        {"reason", replace_invalid_utf8(letter.reason)},
        {"plugin_type", replace_invalid_utf8(letter.plugin_type)},
        {"plugin_id", replace_invalid_utf8(letter.plugin_id)},
        {"entry_time", {time, format_instant(letter.time, time)}}};
    for (const auto& [name, text] : facts)
      origin->fields.push_back(
          {FieldRef::of(std::string("[@metadata][dead_letter_queue][") + name + "]"), text});
    Arena arena;
    Value metadata;
    JsonReader reader;
    if (reader.read(letter.metadata_json, arena, metadata) == JsonReader::Outcome::ok &&
        metadata.is_object()) {
      object_erase(metadata, Name("_bulk_action"));
      add_metadata(metadata, "[@metadata]", origin->fields);
    }
    return origin;
  }

  bool offer(const StoredLetter& letter, uint64_t segment) {
    auto parcel = std::make_unique<Parcel>();
    parcel->records.add_copy(mend(letter.event_json, config_.edit));
    parcel->origin = origin_of(letter);
    {
      std::lock_guard lock(mutex_);
      if (stopped_) return false;
      ++segments_[segment].open;
    }
    parcel->token = AckToken(*this, {0, segment});
    while (!intake_->offer(*this, parcel)) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return resumed_ || stopped_; });
      resumed_ = false;
      if (!stopped_) continue;
      lock.unlock();
      parcel.reset();  // settles as replay, which takes the lock
      return false;
    }
    return true;
  }

  void read_all() {
    DeadLetterReader reader(config_.folder);
    uint64_t current = 0;
    const auto finish_segment = [this](uint64_t number) {
      std::lock_guard lock(mutex_);
      segments_[number].whole = true;
    };
    for (StoredLetter letter; reader.next(letter);) {
      if (current && reader.segment() != current) finish_segment(current);
      current = reader.segment();
      if (!config_.choice.takes(letter)) {
        std::lock_guard lock(mutex_);
        segments_[current].keep = true;
        continue;
      }
      if (!offer(letter, current)) return;
    }
    if (current && reader.status().ok()) finish_segment(current);
    if (!reader.status().ok())
      log::error("dead_letter_queue", "{}", reader.status().error().message);
    if (reader.damaged_bytes()) {
      std::lock_guard lock(mutex_);  // what is damaged may be wanted by a person
      for (auto& [number, segment] : segments_) segment.keep = true;
      log::warn("dead_letter_queue", "{}: {} damaged bytes were passed over", config_.folder,
                reader.damaged_bytes());
    }
  }

  const LetterConfig config_;
  Context context_;
  Intake* intake_ = nullptr;
  uint32_t index_ = 0;
  SourceLedger* ledger_ = nullptr;
  std::thread thread_;
  std::mutex mutex_;  // what follows
  std::condition_variable changed_;
  std::map<uint64_t, Segment> segments_;
  bool resumed_ = false;
  bool stopped_ = false;
};

Result<std::unique_ptr<Input>> make(const Settings& settings, const Context& context) {
  LetterConfig config;
  config.folder = settings.string("path") + "/" + settings.string("pipeline_id");
  config.choice.reason = settings.string("reason");
  config.choice.status = static_cast<int>(settings.integer("status"));
  config.clean = settings.boolean("clean_consumed");
  for (const std::string& text : settings.strings("drop_fields")) {
    auto field = FieldRef::parse(text);
    if (!field.ok()) return settings.error("drop_fields", field.error().message);
    config.edit.drop.push_back(std::move(field).value());
  }
  for (const std::string& text : settings.strings("set_fields")) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) return settings.error("set_fields", "must be field=value");
    auto field = FieldRef::parse(text.substr(0, equals));
    if (!field.ok()) return settings.error("set_fields", field.error().message);
    config.edit.set.emplace_back(std::move(field).value(), text.substr(equals + 1));
  }
  return std::unique_ptr<Input>(std::make_unique<DeadLetterInput>(std::move(config), context));
}

}  // namespace

InputPlugin dead_letter_queue_input() {
  return {{"dead_letter_queue",
           "Reads dead letters, so that their events can be mended and stored.", kOptions,
           "Reads Penstock's own queues, not Logstash's, and ends instead of waiting for more."},
          "json",
          make};
}

}  // namespace penstock
