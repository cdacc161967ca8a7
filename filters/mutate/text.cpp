// The operations on text: case, white space, split and join.
#include <algorithm>

#include "filters/mutate/letters.h"
#include "filters/mutate/operation.h"
#include "filters/support/characters.h"

namespace penstock::mutate {
namespace {

// Changes a field's text, or every text of its array.
template <class Change>
void change_texts(Event& event, const FieldRef& field, Change change) {
  Value* held = event.find(field);
  if (!held) return;
  if (held->is_string()) return change(*held);
  if (!held->is_array()) return;
  for (Value& item : held->elements())
    if (item.is_string()) change(item);
}

class Case : public Operation {
 public:
  using Append = void (*)(std::string_view, std::string&);
  Case(Append append, FieldRef field) : append_(append), field_(std::move(field)) {}

  bool apply(Event& event) override {
    change_texts(event, field_, [&](Value& value) {
      scratch_.clear();
      append_(value.view(), scratch_);
      if (scratch_ != value.view()) value = with_text(event.arena().copy(scratch_), value.flags);
    });
    return true;
  }

 private:
  Append append_;
  FieldRef field_;
  std::string scratch_;
};

// Ruby's strip: white space at both ends, and NUL.
std::string_view stripped(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; };
  size_t from = 0, to = text.size();
  while (from < to && blank(text[from])) ++from;
  while (to > from && blank(text[to - 1])) --to;
  return text.substr(from, to - from);
}

class Strip : public Operation {
 public:
  explicit Strip(FieldRef field) : field_(std::move(field)) {}

  bool apply(Event& event) override {
    const Value* held = static_cast<const Event&>(event).find(field_);
    if (held && held->is_array()) {
      // Logstash fails on an item that isn't text.
      for (const Value& item : held->elements())
        if (!item.is_string()) return false;
    }
    change_texts(event, field_, [](Value& value) {
      const std::string_view text = stripped(value.view());
      if (text.size() != value.size) value = with_text(text, value.flags);
    });
    return true;
  }

 private:
  FieldRef field_;
};

class Split : public Operation {
 public:
  Split(FieldRef field, std::string separator)
      : field_(std::move(field)), separator_(std::move(separator)) {}

  bool apply(Event& event) override {
    Value* held = event.find(field_);
    if (!held || !held->is_string()) return true;
    Value out = Value::array();
    if (separator_.empty())
      split_characters(event.arena(), *held, out);
    else if (separator_ == " ")
      split_words(event.arena(), *held, out);
    else
      split_parts(event.arena(), *held, out);
    while (out.size > 0 && out.items[out.size - 1].size == 0) --out.size;  // as Ruby
    *held = out;
    return true;
  }

 private:
  static void add(Arena& arena, const Value& whole, std::string_view part, Value& out) {
    array_append(arena, out, with_text(part, whole.flags));
  }

  static void split_characters(Arena& arena, const Value& whole, Value& out) {
    const std::string_view text = whole.view();
    for (size_t at = 0; at < text.size();) {
      const size_t end = next_character(text, at);
      add(arena, whole, text.substr(at, end - at), out);
      at = end;
    }
  }

  // One blank: at runs of white space, leading ones ignored.
  static void split_words(Arena& arena, const Value& whole, Value& out) {
    constexpr std::string_view kSpace(" \t\n\v\f\r\0", 7);
    std::string_view text = whole.view();
    while (true) {
      text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
      if (text.empty()) return;
      const size_t end = std::min(text.find_first_of(kSpace), text.size());
      add(arena, whole, text.substr(0, end), out);
      text.remove_prefix(end);
    }
  }

  void split_parts(Arena& arena, const Value& whole, Value& out) const {
    std::string_view text = whole.view();
    if (text.empty()) return;
    while (true) {
      const size_t end = text.find(separator_);
      add(arena, whole, text.substr(0, end), out);
      if (end == text.npos) return;
      text.remove_prefix(end + separator_.size());
    }
  }

  FieldRef field_;
  std::string separator_;
};

class Join : public Operation {
 public:
  Join(FieldRef field, std::string separator)
      : field_(std::move(field)), separator_(std::move(separator)) {}

  bool apply(Event& event) override {
    Value* held = event.find(field_);
    if (!held || !held->is_array()) return true;
    scratch_.clear();
    bool first = true;
    append(*held, first);
    *held = event.string(scratch_);
    return true;
  }

 private:
  // Arrays inside are joined too.
  void append(const Value& array, bool& first) {
    for (const Value& item : array.elements()) {
      if (item.is_array()) {
        append(item, first);
        continue;
      }
      if (!first) scratch_ += separator_;
      first = false;
      append_text(item, scratch_);
    }
  }

  FieldRef field_;
  std::string separator_;
  std::string scratch_;
};

template <class Kind>
Status add_separated(const Settings& settings, std::string_view option, Operations& out) {
  for (const auto& [key, value] : settings.hash(option)) {
    auto field = FieldRef::parse(key.text);
    if (!field.ok()) return settings.error(option, field.error().message);
    if (!value.is_scalar()) return settings.error(option, "expected a string as a separator");
    out.push_back(std::make_unique<Kind>(std::move(field).value(), value.text));
  }
  return ok_status();
}

}  // namespace

Status add_case(const Settings& settings, std::string_view option, Operations& out) {
  const auto append = option == "uppercase"   ? append_upper
                      : option == "lowercase" ? append_lower
                                              : append_capitalized;
  for (FieldRef& field : settings.fields(option))
    out.push_back(std::make_unique<Case>(append, std::move(field)));
  return ok_status();
}

Status add_strip(const Settings& settings, Operations& out) {
  for (FieldRef& field : settings.fields("strip"))
    out.push_back(std::make_unique<Strip>(std::move(field)));
  return ok_status();
}

Status add_split(const Settings& settings, Operations& out) {
  return add_separated<Split>(settings, "split", out);
}

Status add_join(const Settings& settings, Operations& out) {
  return add_separated<Join>(settings, "join", out);
}

}  // namespace penstock::mutate
