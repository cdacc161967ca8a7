#include "filters/kv/parser.h"

#include <algorithm>

namespace penstock::kv {
namespace {

// Values within values, with `recursive`; deeper ones stay texts.
constexpr uint32_t kDepthMax = 64;

// Members that are searched one by one.
constexpr uint32_t kSearchedMax = 16;

// Comparisons of values with earlier ones of the same key (`allow_duplicate_values => false`) that
// a text may cost.
constexpr size_t kComparisonsMax = 1'000'000;

}  // namespace

Result<NameList> NameList::make(const std::vector<std::string>& names) {
  NameList out;
  for (const std::string& name : names) {
    TRY(Template parsed, Template::parse(name));
    if (parsed.is_constant())
      out.names_.push_back(name);
    else
      out.templates_.push_back(std::move(parsed));
  }
  out.resolved_.resize(out.templates_.size());
  return out;
}

void NameList::resolve(const Event& event) {
  for (size_t i = 0; i < templates_.size(); ++i) {
    resolved_[i].clear();
    templates_[i].append(event, resolved_[i]);
  }
}

bool NameList::contains(std::string_view name) const {
  const auto is_name = [&](const std::string& held) { return held == name; };
  return std::any_of(names_.begin(), names_.end(), is_name) ||
         std::any_of(resolved_.begin(), resolved_.end(), is_name);
}

Value* MemberIndex::find(const Value& object, const Name& name) {
  if (object.size <= kSearchedMax) return object_find(object, name);
  if (size_ == 0 || object.size * 2 > slots_.size()) {
    slots_.assign(std::max<size_t>(slots_.size(), 64), 0);
    while (slots_.size() < object.size * size_t{4}) slots_.resize(slots_.size() * 2, 0);
    size_ = 0;
  }
  add_from(object, size_);
  const size_t mask = slots_.size() - 1;
  for (size_t at = name.hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
    Member& member = object.members[slots_[at] - 1];
    if (member.hash == name.hash && member.name() == name.text) return &member.value;
  }
  return nullptr;
}

void MemberIndex::add_from(const Value& object, uint32_t first) {
  const size_t mask = slots_.size() - 1;
  for (uint32_t i = first; i < object.size; ++i) {
    size_t at = object.members[i].hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = i + 1;
  }
  size_ = object.size;
}

void Parser::begin(const Event& event) {
  options_.include.resolve(event);
  options_.exclude.resolve(event);
  if (!options_.prefix) return;
  prefix_.clear();
  options_.prefix->append(event, prefix_);
}

bool Parser::parse(const Value& text, Arena& arena, Value& out) {
  options_.splitter->renew(text.size);
  comparisons_ = kComparisonsMax;
  indexes_.resize(kDepthMax + 1);
  // A part of a text without anything to escape has nothing to escape.
  return parse_level(text.view(), text.flags & Value::kClean, 0, arena, out);
}

bool Parser::parse_level(std::string_view text, uint8_t flags, uint32_t depth, Arena& arena,
                         Value& out) {
  if (!options_.splitter->has_split(text)) return true;
  indexes_[depth].forget();
  if (out.size == 0) object_reserve(arena, out, kSearchedMax);
  Pair pair;
  size_t at = 0;
  while (true) {
    const Outcome outcome = options_.splitter->next(text, at, pair);
    if (outcome != Outcome::pair) return outcome == Outcome::end;
    if (!add(pair, flags, depth, arena, out)) return false;
  }
}

bool Parser::add(Pair pair, uint8_t flags, uint32_t depth, Arena& arena, Value& out) {
  if (pair.value.empty() && !options_.allow_empty) return true;
  std::string_view key = pair.key;
  if (!options_.key.is_idle()) key = options_.key.clean(key, arena);
  if (!options_.include.empty() && !options_.include.contains(key)) return true;
  if (!options_.exclude.empty() && options_.exclude.contains(key)) return true;
  if (!prefix_.empty()) {
    auto* joined = static_cast<char*>(arena.allocate(prefix_.size() + key.size(), 1));
    std::copy(prefix_.begin(), prefix_.end(), joined);
    std::copy(key.begin(), key.end(), joined + prefix_.size());
    key = {joined, prefix_.size() + key.size()};
  }
  std::string_view text = pair.value;
  if (!options_.value.is_idle()) text = options_.value.clean(text, arena);

  const Name name(key);
  Value* held = indexes_[depth].find(out, name);
  if (held && !options_.allow_duplicates && repeats(*held, text)) return true;
  if (comparisons_ == 0) return false;
  Value value = Value::string(text, flags);
  if (options_.recursive && depth < kDepthMax) {
    Value inner = Value::object();
    if (!parse_level(text, flags, depth + 1, arena, inner)) return false;
    if (inner.size) value = inner;
  }
  if (!held) {
    object_append(arena, out, name, value);
  } else {
    if (!held->is_array()) {
      const Value first = *held;
      *held = Value::array();
      array_append(arena, *held, first);
    }
    array_append(arena, *held, value);
  }
  return true;
}

// Ruby's include? of what is held: a text's part, an array's item, a hash's key.
bool Parser::repeats(const Value& held, std::string_view value) {
  if (held.is_string()) return held.view().find(value) != std::string_view::npos;
  if (held.is_object()) return object_find(held, Name(value)) != nullptr;
  for (const Value& item : held.elements()) {
    if (item.is_string() && item.view() == value) return true;
    if (comparisons_ > 0) --comparisons_;
  }
  return false;
}

}  // namespace penstock::kv
