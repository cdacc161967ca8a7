#include "pipeline/rehearsal/stand_ins.h"

#include <algorithm>
#include <thread>

namespace penstock {
namespace {

const FieldRef& record_field() {
  static const FieldRef field = FieldRef::of(kRecordField);
  return field;
}

class CaptureLane : public Lane {
 public:
  CaptureLane(RehearsalEnds& ends, const Planned<OutputPlugin>& planned)
      : ends_(ends), planned_(planned) {
    for (const Option& option : planned.plugin->info.options) {
      const ConfigValue* value = planned.settings.value(option.name);
      const bool secret = option.type == OptionType::password;
      if (!value || secret || !value->is_scalar() || value->text.find("%{") == std::string::npos)
        continue;
      auto made = Template::parse(value->text);
      if (!made.ok()) continue;
      names_.push_back(option.name);
      options_.push_back(std::move(made).value());
    }
  }
  void write(const Batch& batch, Rows rows, Delivery delivery) override {
    ends_.capture(planned_, options_, names_, batch, rows);
    delivery.done();
  }
  bool pending() const override { return false; }
  void tick(std::chrono::steady_clock::time_point) override {}
  void finish() override {}

 private:
  RehearsalEnds& ends_;
  const Planned<OutputPlugin>& planned_;
  std::vector<std::string_view> names_;
  std::vector<Template> options_;
};

class CaptureOutput : public Output {
 public:
  CaptureOutput(RehearsalEnds& ends, const Planned<OutputPlugin>& planned)
      : ends_(ends), planned_(planned) {}
  Status start() override { return ok_status(); }
  Result<std::unique_ptr<Lane>> open_lane(const Context&) override {
    return std::unique_ptr<Lane>(std::make_unique<CaptureLane>(ends_, planned_));
  }
  void stop(std::chrono::milliseconds) override {}

 private:
  RehearsalEnds& ends_;
  const Planned<OutputPlugin>& planned_;
};

SlabRef slab_of(std::string_view text) {
  SlabRef slab = Slab::make(std::max<size_t>(text.size(), 1));
  std::copy(text.begin(), text.end(), slab->data());
  return slab;
}

}  // namespace

struct RehearsalEnds::Silent : Input {
  Status start(Intake& intake, uint32_t) override {
    intake.finished(*this);
    return ok_status();
  }
  void resume() override {}
  void stop() override {}
  void settle(Position, Verdict) noexcept override {}
};

struct RehearsalEnds::Feeder final : Input {
  Feeder(RehearsalEnds& ends_of, const Context& context_of) : ends(ends_of), context(context_of) {}

  // The parcels are made here and offered on a thread: an input may not wait while it starts.
  Status start(Intake& intake, uint32_t index) override {
    for (const Feed& feed : ends.feeds_) {
      if (!feed.lines.empty()) TRY_STATUS(take_lines(feed));
      if (!feed.events.empty()) take_events(feed, index);
    }
    thread = std::thread([this, &intake] {
      offer_all(intake);
      intake.finished(*this);
    });
    return ok_status();
  }

  Status take_lines(const Feed& feed) {
    const uint32_t index = ends.input_index(feed.input);
    const Source& source = ends.sources_[index];
    const CodecChoice& codec = source.planned->codec;
    Records records;
    if (codec.plugin && codec.plugin->make_framer) {
      TRY(auto framer, codec.plugin->make_framer(codec.settings, source.context));
      std::string text;
      for (const std::string& line : feed.lines) text += line + "\n";
      const SlabRef slab = slab_of(text);
      framer->feed({slab, {slab->data(), text.size()}}, records);
      framer->finish(records);
    } else {
      for (const std::string& line : feed.lines) add(records, line);
    }
    take(records, origin_of(feed, index, source.context.plugin_id));
    return ok_status();
  }

  void take_events(const Feed& feed, uint32_t index) {
    Records records;
    for (const std::string& event : feed.events) add(records, event);
    take(records, origin_of(feed, index, context.plugin_id));
  }

  static void add(Records& records, const std::string& text) {
    const SlabRef slab = slab_of(text);
    records.add(slab, {slab->data(), text.size()});
  }

  std::shared_ptr<const Origin> origin_of(const Feed& feed, uint32_t index,
                                          const std::string& plugin_id) {
    auto origin = std::make_shared<Origin>();
    origin->input = index;
    origin->stream = "rehearsal";
    origin->ledger = &context.ledger->source(plugin_id, "");
    for (const auto& [name, text] : feed.fields)
      if (auto field = FieldRef::parse(name); field.ok())
        origin->fields.push_back({std::move(field).value(), text});
    return origin;
  }

  // A parcel for each record, so that each is a batch of its own.
  void take(Records& records, const std::shared_ptr<const Origin>& origin) {
    for (const std::string_view view : records.views) {
      auto parcel = std::make_unique<Parcel>();
      parcel->numbering.field = &record_field();
      parcel->numbering.first = parcels.size();
      parcel->records.views = {view};
      parcel->records.slabs = records.slabs;
      parcel->records.bytes = view.size();
      parcel->origin = origin;
      parcels.push_back(std::move(parcel));
    }
  }

  void offer_all(Intake& intake) {
    for (auto& parcel : parcels)
      while (!intake.offer(*this, parcel)) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return resumed || stopped; });
        if (stopped) return;
        resumed = false;
      }
  }

  void resume() override {
    std::lock_guard lock(mutex);
    resumed = true;
    changed.notify_one();
  }
  void stop() override {
    {
      std::lock_guard lock(mutex);
      stopped = true;
      changed.notify_one();
    }
    if (thread.joinable()) thread.join();
  }
  ~Feeder() override { stop(); }
  void settle(Position, Verdict) noexcept override {}

  RehearsalEnds& ends;
  Context context;
  std::vector<std::unique_ptr<Parcel>> parcels;
  std::thread thread;
  std::mutex mutex;  // both flags
  std::condition_variable changed;
  bool resumed = false, stopped = false;
};

Result<std::unique_ptr<Input>> RehearsalEnds::make(const Planned<InputPlugin>& planned,
                                                   const Context& context) {
  sources_.push_back({&planned, context});
  if (planned.plugin->info.name == kFeederName)
    return std::unique_ptr<Input>(std::make_unique<Feeder>(*this, context));
  return std::unique_ptr<Input>(std::make_unique<Silent>());
}

Result<std::unique_ptr<Output>> RehearsalEnds::make(const Planned<OutputPlugin>& planned,
                                                    const Context&) {
  return std::unique_ptr<Output>(std::make_unique<CaptureOutput>(*this, planned));
}

uint32_t RehearsalEnds::input_index(const std::string& name) const {
  for (uint32_t i = 0; i < sources_.size(); ++i)
    if (name.empty() || sources_[i].planned->id == name ||
        sources_[i].planned->plugin->info.name == name)
      return i;
  return 0;
}

// A batch has the events of one record. Rows of different batches may coincide where events are of
// no record; an output that gets a row again shows it.
uint64_t RehearsalEnds::number_of(int64_t record, Row row, const std::string& output) {
  Known& known = known_[{record, row}];
  if (known.number == 0 || known.outputs.contains(output)) known = {++events_, {}};
  known.outputs.insert(output);
  return known.number;
}

void RehearsalEnds::capture(const Planned<OutputPlugin>& planned,
                            const std::vector<Template>& options,
                            const std::vector<std::string_view>& names, const Batch& batch,
                            Rows rows) {
  for (const Row row : rows) {
    const Event& event = batch[row];
    Captured& out = out_.captured.emplace_back();
    out.output = planned.id;
    out.plugin = planned.plugin->info.name;
    out.fields = flatten(event, true);
    if (const Value* number = event.find(record_field()))
      out.record = number->as_integer().value_or(-1);
    out.event = number_of(out.record, row, planned.id);
    out.fields.erase(kRecordField);
    for (size_t i = 0; i < options.size(); ++i)
      out.options[std::string(names[i])] = options[i].render(event);
  }
}

}  // namespace penstock
