// What is split, dropped and tagged when: logstash-filter-split (split.rb) and Ruby's String#split
// with limit -1.
#include "filters/split.h"

#include "filters/support/characters.h"

namespace penstock {
namespace {

// Values that the children of one event may hold together (256 MB): a hostile record of a million
// line ends would otherwise multiply its other fields.
constexpr uint64_t kCopiedValuesMax = 8 << 20;

constexpr std::string_view kFailureTag = "_split_type_failure";
constexpr std::string_view kLimitTag = "_split_limit_exceeded";

constexpr Option kOptions[] = {
    {"field", OptionType::field, "message", "The field to split: a text or a list."},
    {"terminator", OptionType::string, "",
     "What stands between the parts of a text; unset, a line end. One blank: any run of white "
     "space; empty: each character is a part."},
    {"target", OptionType::field, "",
     "The field of the new events that takes the part. Unset: the field that was split."},
};

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }

uint64_t count_values(const Value& value) {
  uint64_t count = 1;
  if (value.is_array())
    for (const Value& item : value.elements()) count += count_values(item);
  if (value.is_object())
    for (const Member& member : value.entries()) count += count_values(member.value);
  return count;
}

class Split : public Filter {
 public:
  explicit Split(const Settings& settings)
      : field_(settings.field("field")),
        terminator_(settings.is_given("terminator") ? settings.string("terminator") : "\n") {
    if (settings.has("target")) target_ = settings.field("target");
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) split(batch, row, matched);
  }

 private:
  void split(Batch& batch, Row row, std::vector<Row>& matched) {
    const Value* found = static_cast<const Event&>(batch[row]).find(field_);
    if (!found || (!found->is_array() && !found->is_string())) {
      batch[row].tag(kFailureTag);
      return;
    }
    const Value whole = *found;
    parts_.clear();
    if (whole.is_array())
      parts_.assign(whole.items, whole.items + whole.size);
    else
      split_text(whole.view());
    if (whole.is_string() && parts_.size() == 1) return;  // left as it is, as Logstash does
    // The list goes before the event is copied, so that its items are moved and not copied.
    if (whole.is_array() && !target_) batch[row].erase(field_);
    make_children(batch, row, matched);
  }

  void make_children(Batch& batch, Row row, std::vector<Row>& matched) {
    const uint64_t each = count_values(batch[row].root()) + count_values(batch[row].metadata());
    if (each * parts_.size() > kCopiedValuesMax) {
      batch[row].tag(kLimitTag);
      return;
    }
    Arena& arena = batch.arena();
    for (const Value& part : parts_) {
      if (part.is_null() || (part.is_string() && part.size == 0)) continue;
      const Row child = batch.append_child(row);  // invalidates references to events
      Event& event = batch[child];
      event.root() = deep_copy(arena, batch[row].root());
      event.metadata() = deep_copy(arena, batch[row].metadata());
      (void)event.set(target_ ? *target_ : field_, target_ ? deep_copy(arena, part) : part);
      matched.push_back(child);
    }
    batch.drop(row, DropReason::filter);
  }

  void split_text(std::string_view text) {
    if (text.empty()) return;  // no part at all
    if (terminator_ == " ") return split_at_space(text);
    if (terminator_.empty()) return split_characters(text);
    while (true) {
      const size_t at = text.find(terminator_);
      parts_.push_back(Value::string(text.substr(0, at)));
      if (at == text.npos) return;
      text.remove_prefix(at + terminator_.size());
    }
  }

  void split_at_space(std::string_view text) {
    size_t at = 0;
    while (at < text.size()) {
      while (at < text.size() && is_space(text[at])) ++at;
      const size_t begin = at;
      while (at < text.size() && !is_space(text[at])) ++at;
      parts_.push_back(Value::string(text.substr(begin, at - begin)));
    }
    if (is_space(text.back()) && parts_.back().size) parts_.push_back(Value::string(""));
  }

  void split_characters(std::string_view text) {
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = next_character(text, begin);
      parts_.push_back(Value::string(text.substr(begin, end - begin)));
      begin = end;
    }
  }

  FieldRef field_;
  std::string terminator_;
  std::optional<FieldRef> target_;
  std::vector<Value> parts_;  // of the event at hand
};

}  // namespace

FilterPlugin split_filter() {
  return {{"split", "Makes an event of each part of a text or item of a list.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            return std::unique_ptr<Filter>(std::make_unique<Split>(settings));
          }};
}

}  // namespace penstock
