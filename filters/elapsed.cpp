// Which tags and fields there are, and when: logstash-filter-elapsed (elapsed.rb).
#include "filters/elapsed.h"

#include "filters/elapsed/starts.h"
#include "filters/shared_state.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

constexpr std::string_view kKeep[] = {"first", "last"};

constexpr Option kOptions[] = {
    {"start_tag", OptionType::string, "", "The tag of events that start something.", true},
    {"end_tag", OptionType::string, "", "The tag of events that end it.", true},
    {"unique_id_field", OptionType::field, "", "The field that a start and its end share.", true},
    {"timeout", OptionType::number, "1800",
     "Seconds after which a start without an end expires: an event says so."},
    {"new_event_on_match", OptionType::boolean, "false",
     "Whether the time goes into an event of its own instead of the end event."},
    {"keep_start_event", OptionType::choice, "first",
     "Which of several starts with one identifier counts.", false, kKeep},
};

constexpr std::string_view kTag = "elapsed";
constexpr std::string_view kMatchTag = "elapsed_match";
constexpr std::string_view kExpiredTag = "elapsed_expired_error";
constexpr std::string_view kNoStartTag = "elapsed_end_without_start";

const FieldRef& tags_field() {
  static const FieldRef kField = FieldRef::of("tags");
  return kField;
}

double seconds_between(const Instant& from, const Instant& to) {
  return static_cast<double>(to.seconds - from.seconds) +
         (static_cast<double>(to.nanoseconds) - from.nanoseconds) * 1e-9;
}

class Elapsed : public Filter {
 public:
  Elapsed(const Settings& settings, const Context& context, std::shared_ptr<elapsed::Starts> starts)
      : start_tag_(settings.string("start_tag")),
        end_tag_(settings.string("end_tag")),
        id_field_(settings.field("unique_id_field")),
        new_event_(settings.boolean("new_event_on_match")),
        clock_(context.clock),
        host_(context.host_name),
        starts_(std::move(starts)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    const auto now = clock_->steady();
    made_.clear();
    for (const Row row : rows)
      if (take(batch, row, now)) matched.push_back(row);
    matched.insert(matched.end(), made_.begin(), made_.end());
  }

  bool wants_tick() const override { return true; }
  void tick(Batch& out, std::chrono::steady_clock::time_point now) override {
    for (const elapsed::Starts::Expired& start : starts_->take_expired(now)) {
      Event& event = out[out.append()];
      event.complete(clock_->now());
      event.tag(kTag);
      event.tag(kExpiredTag);
      (void)event.set(host_field_, event.string(host_));
      Value id;
      (void)reader_.read(event.arena().copy(start.id), event.arena(), id);
      (void)event.set(id_field_, id);
      (void)event.set(time_field_, Value::of_integer(start.age_seconds));
      (void)event.set(stamp_field_, Value::timestamp(start.stamp));
    }
  }

 private:
  // Whether the event is a start or an end.
  bool take(Batch& batch, Row row, elapsed::Starts::SteadyTime now) {
    const Event& event = batch[row];
    const Value* id = event.find(id_field_);
    const Value* stamp = event.timestamp();
    if (!id || id->is_null() || !stamp) return false;
    const bool start = has_tag(event, start_tag_);
    if (!start && !has_tag(event, end_tag_)) return false;
    id_text_.clear();
    write_json(*id, id_text_);
    if (start) {
      starts_->begin(id_text_.view(), stamp->instant(), now);
    } else if (const auto began = starts_->end(id_text_.view())) {
      match(batch, row, *began);
    } else {
      batch[row].tag(kNoStartTag);
    }
    return true;
  }

  // As Ruby's include?: a tag of a list, or a part of a text.
  static bool has_tag(const Event& event, const std::string& tag) {
    const Value* tags = event.find(tags_field());
    if (tags && tags->is_string()) return tags->view().find(tag) != std::string_view::npos;
    return event.has_tag(tag);
  }

  void match(Batch& batch, Row row, const Instant& began) {
    const double seconds = seconds_between(began, batch[row].timestamp()->instant());
    Row to = row;
    if (new_event_) {
      to = batch.append_child(row);
      made_.push_back(to);
      Event& made = batch[to];
      made.complete(clock_->now());
      (void)made.set(host_field_, made.string(host_));
      const Event& end = batch[row];
      (void)made.set(id_field_, deep_copy(made.arena(), *end.find(id_field_)));
    }
    Event& event = batch[to];
    event.tag(kTag);
    event.tag(kMatchTag);
    (void)event.set(time_field_, Value::of_real(seconds));
    (void)event.set(stamp_field_, Value::timestamp(began));
  }

  std::string start_tag_, end_tag_;
  FieldRef id_field_;
  bool new_event_;
  const Clock* clock_;
  std::string host_;
  std::shared_ptr<elapsed::Starts> starts_;
  FieldRef host_field_ = FieldRef::of("host");
  FieldRef time_field_ = FieldRef::of("elapsed_time");
  FieldRef stamp_field_ = FieldRef::of("elapsed_timestamp_start");
  JsonReader reader_;
  ByteBuffer id_text_;
  std::vector<Row> made_;
};

Result<std::unique_ptr<Filter>> make_elapsed(const Settings& settings, const Context& context) {
  auto starts = shared_state<elapsed::Starts>(context, [&] {
    const double timeout = std::min(std::max(settings.number("timeout"), 0.0), 1e9);
    return std::make_shared<elapsed::Starts>(std::chrono::seconds(static_cast<int64_t>(timeout)),
                                             settings.string("keep_start_event") == "first");
  });
  if (context.worker == 0)
    context.metrics->gauge("starts", "Start events that wait for their end.", {},
                           [starts] { return static_cast<double>(starts->size()); });
  return std::unique_ptr<Filter>(std::make_unique<Elapsed>(settings, context, std::move(starts)));
}

}  // namespace

FilterPlugin elapsed_filter() {
  return {{"elapsed", "Measures the time between a start event and its end.", kOptions},
          make_elapsed};
}

}  // namespace penstock
