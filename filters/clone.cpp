#include "filters/clone.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"clones", OptionType::strings, "",
     "A copy is made for each. It is the copy's `type`, with ECS a tag of it.", true},
};

const Name kTags{"tags"};
const Name kType{"type"};

class Clone : public Filter {
 public:
  Clone(const Settings& settings, const Context& context)
      : clones_(settings.strings("clones")), ecs_(context.ecs != Ecs::disabled) {}

  // The common options are for the copies.
  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      for (const std::string& name : clones_) {
        const Row child = batch.append_child(row);
        Event& copy = batch[child];
        copy.root() = deep_copy(batch.arena(), batch[row].root());
        copy.metadata() = deep_copy(batch.arena(), batch[row].metadata());
        mark(copy, name);
        matched.push_back(child);
      }
    }
  }

 private:
  void mark(Event& event, const std::string& name) const {
    Arena& arena = event.arena();
    if (!ecs_) {
      object_set(arena, event.root(), kType, Value::string(name));
      return;
    }
    // Unlike Event::tag, again when it is there.
    Value* held = object_find(event.root(), kTags);
    Value tags = held && held->is_array() ? *held : Value::array();
    if (held && !held->is_array() && !held->is_null()) array_append(arena, tags, *held);
    array_append(arena, tags, Value::string(name));
    object_set(arena, event.root(), kTags, tags);
  }

  std::vector<std::string> clones_;
  bool ecs_;
};

}  // namespace

FilterPlugin clone_filter() {
  return {{"clone", "Copies events.", kOptions,
           "Behind a condition the original and its copies stay together; Logstash groups events "
           "by the branch they took."},
          [](const Settings& settings, const Context& context) -> Result<std::unique_ptr<Filter>> {
            return std::unique_ptr<Filter>(std::make_unique<Clone>(settings, context));
          }};
}

}  // namespace penstock
