// gsub: Ruby's String#gsub with an expression and a replacement text, in which \1, \k<name>, \0,
// \&, \`, \' and \\ mean what they mean there.
#include <algorithm>

#include "filters/mutate/operation.h"
#include "filters/support/characters.h"
#include "pipeline/base/regex.h"

namespace penstock::mutate {
namespace {

// Expressions made of an event's fields that are kept compiled.
constexpr size_t kCompiledMax = 64;

// A replacement text taken apart.
class Replacement {
 public:
  Replacement() = default;
  Replacement(std::string_view text, const Regex& regex) {
    std::string literal;
    for (size_t at = 0; at < text.size(); ++at) {
      if (text[at] != '\\' || at + 1 == text.size()) {
        literal += text[at];
        continue;
      }
      const char c = text[++at];
      if (c >= '0' && c <= '9') {
        add(literal, Part::Kind::group, static_cast<uint32_t>(c - '0'));
      } else if (c == '&') {
        add(literal, Part::Kind::group, 0);
      } else if (c == '`') {
        add(literal, Part::Kind::before, 0);
      } else if (c == '\'') {
        add(literal, Part::Kind::after, 0);
      } else if (c == '\\') {
        literal += '\\';
      } else if (const size_t end = named_end(text, at); end != text.npos) {
        for (const auto& named : regex.names())
          if (named.name == text.substr(at + 2, end - at - 2))
            add(literal, Part::Kind::group, named.group);
        at = end;
      } else {
        literal += '\\';
        literal += c;
      }
    }
    if (!literal.empty()) parts_.push_back({Part::Kind::literal, literal, 0});
  }

  void append(std::string_view subject, const Regex& regex, const Regex::Match& match,
              std::string& out) const {
    for (const Part& part : parts_) {
      if (part.kind == Part::Kind::literal) {
        out += part.text;
      } else if (part.kind == Part::Kind::before) {
        out += subject.substr(0, match.begin());
      } else if (part.kind == Part::Kind::after) {
        out += subject.substr(match.end());
      } else if (part.group <= regex.groups()) {
        out += match.group(part.group).value_or("");
      }
    }
  }

 private:
  struct Part {
    enum class Kind : uint8_t { literal, group, before, after };
    Kind kind;
    std::string text;
    uint32_t group;
  };

  // Where the '>' of "k<name>" at `at` is.
  static size_t named_end(std::string_view text, size_t at) {
    if (text[at] != 'k' || at + 1 >= text.size() || text[at + 1] != '<') return text.npos;
    return text.find('>', at);
  }

  void add(std::string& literal, Part::Kind kind, uint32_t group) {
    if (!literal.empty()) parts_.push_back({Part::Kind::literal, literal, 0});
    literal.clear();
    parts_.push_back({kind, "", group});
  }

  std::vector<Part> parts_;
};

class Gsub : public Operation {
 public:
  Gsub(FieldRef field, Template needle, Template replacement, std::shared_ptr<const Regex> regex)
      : field_(std::move(field)),
        needle_(std::move(needle)),
        replacement_(std::move(replacement)),
        regex_(std::move(regex)) {
    if (regex_ && replacement_.is_constant()) parts_ = Replacement(replacement_.text(), *regex_);
  }

  bool apply(Event& event) override {
    Value* held = event.find(field_);
    if (!held || !(held->is_string() || held->is_array())) return true;
    const Regex* regex = prepare(event);
    if (!regex) return false;
    if (held->is_string()) return substitute(event, *regex, *held);
    for (Value& item : held->elements())
      if (item.is_string() && !substitute(event, *regex, item)) return false;
    return true;
  }

 private:
  // The expression and the replacement for this event; nullptr when it isn't one.
  const Regex* prepare(const Event& event) {
    const Regex* regex = regex_.get();
    if (!regex) {
      scratch_.clear();
      needle_.append(event, scratch_);
      regex = compiled(scratch_);
      if (!regex) return nullptr;
    }
    if (!regex_ || !replacement_.is_constant()) {
      scratch_.clear();
      replacement_.append(event, scratch_);
      parts_ = Replacement(scratch_, *regex);
    }
    return regex;
  }

  const Regex* compiled(const std::string& pattern) {
    for (const auto& held : compiled_)
      if (held->pattern() == pattern) return held.get();
    auto made = Regex::compile(pattern);
    if (!made.ok()) return nullptr;
    if (compiled_.size() >= kCompiledMax) compiled_.erase(compiled_.begin());
    compiled_.push_back(std::move(made).value());
    return compiled_.back().get();
  }

  bool substitute(Event& event, const Regex& regex, Value& value) {
    const std::string_view subject = value.view();
    size_t from = 0, copied = 0;
    bool any = false;
    while (from <= subject.size()) {
      const Regex::Outcome outcome = regex.search(subject, from, match_);
      if (outcome == Regex::Outcome::limit) return false;
      if (outcome == Regex::Outcome::no_match) break;
      if (!any) scratch_.clear();
      any = true;
      scratch_ += subject.substr(copied, match_.begin() - copied);
      parts_.append(subject, regex, match_, scratch_);
      copied = match_.end();
      from = copied;
      // After an empty match the search goes on behind the next character.
      if (match_.begin() == match_.end()) from = next_character(subject, from);
    }
    if (!any) return true;
    scratch_ += subject.substr(std::min(copied, subject.size()));
    value = event.string(scratch_);
    return true;
  }

  FieldRef field_;
  Template needle_, replacement_;
  std::shared_ptr<const Regex> regex_;  // null: made of the event's fields
  Replacement parts_;
  std::vector<std::shared_ptr<const Regex>> compiled_;
  Regex::Match match_;
  std::string scratch_;
};

Status add_one(const Settings& settings, const std::string& name, const std::string& needle,
               const std::string& replacement, Operations& out) {
  auto field = FieldRef::parse(name);
  if (!field.ok()) return settings.error("gsub", field.error().message);
  auto needle_template = Template::parse(needle);
  if (!needle_template.ok()) return settings.error("gsub", needle_template.error().message);
  auto text = Template::parse(replacement);
  if (!text.ok()) return settings.error("gsub", text.error().message);
  std::shared_ptr<const Regex> regex;
  if (needle_template.value().is_constant()) {
    auto made = Regex::compile(needle);
    if (!made.ok())
      return settings.error("gsub", "`" + needle + "` is no expression: " + made.error().message);
    regex = std::move(made).value();
  }
  out.push_back(std::make_unique<Gsub>(std::move(field).value(), std::move(needle_template).value(),
                                       std::move(text).value(), std::move(regex)));
  return ok_status();
}

}  // namespace

Status add_gsub(const Settings& settings, Operations& out) {
  const auto texts = settings.strings("gsub");
  if (texts.size() % 3 != 0)
    return settings.error("gsub", "expected threes of field, expression and replacement, found " +
                                      std::to_string(texts.size()) + " items");
  for (size_t i = 0; i < texts.size(); i += 3)
    TRY_STATUS(add_one(settings, texts[i], texts[i + 1], texts[i + 2], out));
  return ok_status();
}

}  // namespace penstock::mutate
