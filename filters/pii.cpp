#include "filters/pii.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "filters/pii/detector.h"
#include "filters/pii/names.h"
#include "filters/pii/redact.h"
#include "filters/pii/settings.h"
#include "pipeline/base/clean_texts.h"
#include "pipeline/base/equal_bytes.h"
#include "pipeline/base/limits.h"

namespace penstock {
namespace {

using pii::Entity;
using pii::Finding;
using pii::NameMeaning;

constexpr size_t kRecordedMax = 1000;   // entries of the findings field, per event
constexpr size_t kNumberDigitsMin = 3;  // a security code
constexpr size_t kNumberDigitsMax = 19;

// What fields' names mean, remembered: an event has the same few names again and again.
class NameCache {
 public:
  NameMeaning find(const Member& member) {
    if (member.name_size > kNameBytes) return pii::meaning_of_name(member.name());
    Slot* const set = &slots_[(member.hash * kHashFactor) >> kSetShift << 1];
    if (set[0].is(member)) return set[0].meaning;
    if (!set[1].is(member)) {
      set[1].size = static_cast<uint8_t>(member.name_size);
      std::memcpy(set[1].name, member.name_text, member.name_size);
      set[1].meaning = pii::meaning_of_name(member.name());
    }
    std::swap(set[0], set[1]);  // the last one asked for is found first
    return set[0].meaning;
  }

 private:
  static constexpr size_t kNameBytes = 27;
  static constexpr uint32_t kHashFactor = 0x9E3779B1U;
  static constexpr unsigned kSetShift = 32 - 9;  // 512 sets of two
  struct Slot {
    char name[kNameBytes];
    uint8_t size = 0;
    NameMeaning meaning;
    bool is(const Member& member) const {
      return size == member.name_size && equal_bytes(name, member.name_text, size);
    }
  };
  std::vector<Slot> slots_ = std::vector<Slot>(size_t{2} << 9);
};

// A step on the way to a field, for the findings' `field`.
struct Step {
  const Step* parent;
  std::string_view name;  // empty: `index` of an array
  uint32_t index;

  std::string text() const {
    return (parent ? parent->text() : std::string()) + "[" +
           (name.empty() ? std::to_string(index) : std::string(name)) + "]";
  }
};

int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
}

class Pii : public Filter {
 public:
  Pii(pii::Plan plan, const Context& context)
      : plan_(std::move(plan)),
        redactor_(plan_.masks, plan_.actions, plan_.hash_key),
        counts_(plan_.names.size()),
        masked_(plan_.names.size()) {
    for (size_t i = 0; i < plan_.names.size() && context.metrics; ++i)
      context.metrics->counter("pii_masked_total", "Findings of the pii filter, by entity.",
                               {{"entity", plan_.names[i]}}, masked_[i]);
    if (context.metrics)
      context.metrics->counter("pii_custom_limit_total",
                               "Searches that a custom pattern gave up at its step limit.", {},
                               custom_limit_);
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows)
      if (scrub(batch[row])) matched.push_back(row);
    for (size_t i = 0; i < masked_.size(); ++i)
      if (batch_counts_[i]) masked_[i].add(std::exchange(batch_counts_[i], 0));
  }

 private:
  // True when something was found.
  bool scrub(Event& event) {
    event_ = &event;
    found_ = 0;
    recorded_ = Value::array();
    excluded_.clear();
    for (const FieldRef& field : plan_.except)
      if (const Value* value = event.find(field)) excluded_.push_back(value);
    if (plan_.fields.empty()) {
      object(event.root(), nullptr, 0);
    } else {
      for (const FieldRef& field : plan_.fields) named_field(event, field);
    }
    if (found_ == 0) return false;
    report(event);
    return true;
  }

  void named_field(Event& event, const FieldRef& field) {
    Value* value = event.find(field);
    if (!value) return;
    const std::string path = field.text();
    const std::string_view inner = std::string_view(path).substr(1, path.size() - 2);
    const Step step{nullptr, inner, 0};
    NameMeaning meaning;
    if (!field.segments().empty()) meaning = pii::meaning_of_name(field.segments().back().text);
    any(*value, meaning, field.segments().empty() ? "" : field.segments().back().text, step, 0);
  }

  void object(Value& value, const Step* parent, uint32_t depth) {
    for (Member& member : value.entries()) {
      const Kind kind = member.value.kind;
      if (kind < Kind::integer || kind == Kind::timestamp) continue;
      if (kind == Kind::string && member.value.flags & Value::kInert) continue;
      if (kind == Kind::raw_number && member.value.size < kNumberDigitsMin) continue;
      const Step step{parent, member.name(), 0};
      if (kind != Kind::string || !excluded_.empty())
        any(member.value, kind == Kind::object ? NameMeaning{} : names_.find(member), member.name(),
            step, depth);
      else
        string(member.value, names_.find(member), member.name(), step);
    }
  }

  void any(Value& value, const NameMeaning& meaning, std::string_view name, const Step& step,
           uint32_t depth) {
    if (!excluded_.empty() &&
        std::find(excluded_.begin(), excluded_.end(), &value) != excluded_.end())
      return;
    if (value.is_string()) return string(value, meaning, name, step);
    if (value.is_number()) return number(value, meaning, name, step);
    if (depth >= limits::kDepthMax) return;
    if (value.is_object()) return object(value, &step, depth + 1);
    if (!value.is_array()) return;
    for (uint32_t i = 0; i < value.size; ++i)
      any(value.items[i], meaning, name, {&step, {}, i}, depth + 1);
  }

  void string(Value& value, const NameMeaning& meaning, std::string_view name, const Step& step) {
    if (value.flags & Value::kInert) return;
    const std::string_view text = value.view();
    findings_.clear();
    if (!by_name(text, meaning)) {
      if (is_long_number(text)) {
        beside_name(name, text);
        if (!plan_.custom.empty()) custom(text);
      } else {
        find_in_text(text, meaning);
      }
    }
    if (findings_.empty()) return;
    count(text, step);
    if (redactor_.rewrite(text, findings_.data(), findings_.size(), rewritten_))
      value = event_->string(rewritten_);
  }

  void find_in_text(std::string_view text, const NameMeaning& meaning) {
    if (meaning.context == 0 && plan_.custom.empty() && pii::is_plain_id(text)) return;
    CleanTexts::Key key = 0;
    if (clean_.has(text, meaning.context, key)) return;
    pii::find_all(text, plan_.entities, meaning.context, findings_);
    if (!plan_.custom.empty()) custom(text);
    if (findings_.empty()) clean_.add(key);
  }

  // A number becomes text where it is masked; nothing else can say that it was there.
  void number(Value& value, const NameMeaning& meaning, std::string_view name, const Step& step) {
    char buffer[24];
    std::string_view digits;
    if (value.kind == Kind::integer) {
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, value.integer).ptr;
      digits = {buffer, static_cast<size_t>(end - buffer)};
    } else if (value.kind == Kind::raw_number && !value.is_float()) {
      digits = value.view();
    }
    if (digits.size() < kNumberDigitsMin || digits.size() > kNumberDigitsMax || digits[0] == '-')
      return;
    findings_.clear();
    const bool short_password = meaning.entity == Entity::password && digits.size() < 4;
    if (short_password || !by_name(digits, meaning)) beside_name(name, digits);
    if (findings_.empty()) return;
    count(digits, step);
    if (!redactor_.rewrite(digits, findings_.data(), findings_.size(), rewritten_)) return;
    value = rewritten_.empty() ? Value::null() : event_->string(rewritten_);
  }

  // The whole value, when the field's name says what it is and it can be that.
  bool by_name(std::string_view text, const NameMeaning& meaning) {
    return meaning.entity && by_entity(text, meaning);
  }
  __attribute__((noinline)) bool by_entity(std::string_view text, const NameMeaning& meaning) {
    if (!pii::value_fits(*meaning.entity, text, true)) return false;
    const Entity entity = pii::refine_secret(*meaning.entity, text);
    if (!(plan_.entities & bit(entity)) && !(plan_.entities & bit(*meaning.entity))) return false;
    const Entity kind = plan_.entities & bit(entity) ? entity : *meaning.entity;
    findings_.push_back({0, static_cast<uint32_t>(text.size()), static_cast<uint8_t>(kind)});
    return true;
  }

  static bool is_long_number(std::string_view text) {
    return text.size() >= 9 && text.size() <= kNumberDigitsMax &&
           std::all_of(text.begin(), text.end(), pii::is_digit);
  }

  // A bare number is judged with its field's name before it, as in a text: "order_id:4111..." is
  // an id, "customer_ssn:123456789" is not.
  void beside_name(std::string_view name, std::string_view digits) {
    if (digits.size() < 9) return;
    beside_.assign(name);
    beside_ += ':';
    beside_ += digits;
    pii::find_all(beside_, plan_.entities, 0, findings_);
    const auto offset = static_cast<uint32_t>(name.size() + 1);
    std::erase_if(findings_, [&](const Finding& f) { return f.begin < offset; });
    for (Finding& finding : findings_) {
      finding.begin -= offset;
      finding.end -= offset;
    }
  }

  void custom(std::string_view text) {
    const size_t built_in = findings_.size();
    for (size_t i = 0; i < plan_.custom.size(); ++i) {
      size_t from = 0;
      while (from <= text.size() && findings_.size() < pii::kFindingsMax) {
        const auto outcome = plan_.custom[i].regex->search(text, from, match_);
        if (outcome == Regex::Outcome::limit) custom_limit_.add();
        if (outcome != Regex::Outcome::match) break;
        const size_t begin = match_.begin(), end = match_.end();
        if (end <= from || end <= begin) break;
        findings_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end),
                             static_cast<uint8_t>(pii::kEntities + i)});
        from = end;
      }
    }
    if (findings_.size() == built_in) return;
    // The longer of two that overlap, the built-in one when they are as long.
    std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    size_t kept = 0;
    for (const Finding& finding : findings_) {
      if (kept && findings_[kept - 1].end > finding.begin) {
        Finding& last = findings_[kept - 1];
        if (finding.end - finding.begin > last.end - last.begin) last = finding;
        continue;
      }
      findings_[kept++] = finding;
    }
    findings_.resize(kept);
  }

  void count(std::string_view text, const Step& step) {
    for (const Finding& finding : findings_) {
      ++counts_[finding.kind];
      ++batch_counts_[finding.kind];
      ++found_;
      if (plan_.findings && recorded_.size < kRecordedMax) record(text, finding, step);
    }
  }

  void record(std::string_view text, const Finding& finding, const Step& step) {
    static const Name kType("type"), kField("field"), kStart("start"), kEnd("end");
    Arena& arena = event_->arena();
    const int64_t start = characters(text.substr(0, finding.begin));
    const int64_t size = characters(text.substr(finding.begin, finding.end - finding.begin));
    Value entry = Value::object();
    object_reserve(arena, entry, 4);
    object_set(arena, entry, kType, event_->string(plan_.names[finding.kind]));
    object_set(arena, entry, kField, event_->string(step.text()));
    object_set(arena, entry, kStart, Value::of_integer(start));
    object_set(arena, entry, kEnd, Value::of_integer(start + size));
    array_append(arena, recorded_, entry);
  }

  // Adds to what an earlier pii filter wrote.
  void report(Event& event) {
    Value* entities = event.find(plan_.entities_field);
    if (!entities || !entities->is_array()) {
      if (event.set(plan_.entities_field, Value::array()))
        entities = event.find(plan_.entities_field);
    }
    for (size_t i = 0; i < counts_.size(); ++i) {
      if (std::exchange(counts_[i], 0) == 0) continue;
      if (redactor_.action(static_cast<uint8_t>(i)) == pii::Action::tag)
        event.tag("pii_" + plan_.names[i]);
      if (!entities || !entities->is_array()) continue;
      const auto items = entities->elements();
      const bool known = std::any_of(items.begin(), items.end(), [&](const Value& item) {
        return item.is_string() && item.view() == plan_.names[i];
      });
      if (!known) array_append(event.arena(), *entities, event.string(plan_.names[i]));
    }
    const Value* before = event.find(plan_.count_field);
    const int64_t earlier = before ? before->as_integer().value_or(0) : 0;
    [[maybe_unused]] const bool counted =
        event.set(plan_.count_field, Value::of_integer(earlier + static_cast<int64_t>(found_)));
    if (plan_.findings && recorded_.size) {
      [[maybe_unused]] const bool set = event.set(*plan_.findings, recorded_);
    }
  }

  pii::Plan plan_;
  pii::Redactor redactor_;
  NameCache names_;
  CleanTexts clean_;
  Regex::Match match_;
  std::vector<uint32_t> counts_;  // of this event, by kind
  std::vector<Counter> masked_;
  std::vector<uint64_t> batch_counts_ = std::vector<uint64_t>(counts_.size());
  Counter custom_limit_;

  // Of the event at hand.
  Event* event_ = nullptr;
  uint64_t found_ = 0;
  Value recorded_;
  std::vector<const Value*> excluded_;
  std::vector<Finding> findings_;  // of one string
  std::string rewritten_, beside_;
};

}  // namespace

FilterPlugin pii_filter() {
  return {{"pii", "Finds personal data and secrets and masks, hashes or removes them.",
           pii::options(), "", true},
          [](const Settings& settings, const Context& context) -> Result<std::unique_ptr<Filter>> {
            TRY(pii::Plan plan, pii::read_plan(settings));
            return std::unique_ptr<Filter>(std::make_unique<Pii>(std::move(plan), context));
          }};
}

std::string scrub_text(std::string_view text) {
  std::vector<Finding> findings;
  pii::find_all(text, pii::kDefaultEntities, 0, findings);
  std::string out;
  size_t at = 0;
  for (const Finding& finding : findings) {
    out += text.substr(at, finding.begin - at);
    out += pii::kEntityMasks[finding.kind];
    at = finding.end;
  }
  out += text.substr(at);
  return out;
}

}  // namespace penstock
