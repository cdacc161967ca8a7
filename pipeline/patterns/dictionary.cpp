#include "pipeline/patterns/dictionary.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "pipeline/base/text.h"
#include "pipeline/patterns/stock.h"

namespace penstock {
namespace {

constexpr size_t kFileBytesMax = size_t{4} << 20;
constexpr size_t kExpansionBytesMax = 256 << 10;
constexpr unsigned kExpansionDepthMax = 64;

// What %{...} may be made of, as the original grok library reads it: pattern names of [A-z0-9]
// (which spans [ \ ] ^ _ ` too), field names, an inline definition; other text up to the brace is
// passed over.
bool is_pattern_name(char c) { return (c >= 'A' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_field_name(char c) {
  return is_pattern_name(c) || std::string_view("@:.-").find(c) != std::string_view::npos;
}

struct Reference {
  std::string_view pattern;
  std::string_view name;  // pattern, or pattern:field or pattern:field:cast
  std::optional<std::string_view> definition;
  size_t size = 0;  // of the whole, with %{ and }
};

// The end of an inline definition that begins at `at`: braces are balanced in it.
size_t definition_end(std::string_view text, size_t at) {
  size_t open = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '{') {
      ++open;
    } else if (text[at] == '}') {
      if (open == 0) return at;
      --open;
    }
  }
  return text.npos;
}

// REQUIRES: text begins with "%{".
std::optional<Reference> parse_reference(std::string_view text) {
  size_t at = 2;
  while (at < text.size() && is_pattern_name(text[at])) ++at;
  Reference out;
  out.pattern = out.name = text.substr(2, at - 2);
  if (out.pattern.empty()) return std::nullopt;
  if (at + 1 < text.size() && text[at] == ':' && is_field_name(text[at + 1])) {
    ++at;
    while (at < text.size() && is_field_name(text[at])) ++at;
    out.name = text.substr(2, at - 2);
  }
  if (at < text.size() && text[at] == '=') {
    const size_t end = definition_end(text, at + 1);
    if (end == text.npos) return std::nullopt;
    if (end > at + 1) out.definition = text.substr(at + 1, end - at - 1);
    at = end;
  }
  const size_t close = text.find('}', at);
  if (close == text.npos) return std::nullopt;
  out.size = close + 1;
  return out;
}

}  // namespace

// One expand(): inline definitions hold from where they are read.
class GrokDictionary::Expansion {
 public:
  Expansion(const GrokDictionary& dictionary, bool named_only)
      : dictionary_(&dictionary), named_only_(named_only) {}

  bool append(std::string_view text, unsigned depth) {
    if (depth > kExpansionDepthMax || out.size() > kExpansionBytesMax)
      return fail("its patterns refer to each other without an end, or are too large");
    while (!text.empty()) {
      const size_t next = std::min(text.find("%{"), text.size());
      out += text.substr(0, next);
      text.remove_prefix(next);
      if (text.empty()) break;
      const auto reference = parse_reference(text);
      if (!reference) {
        out += "%{";
        text.remove_prefix(2);
        continue;
      }
      if (!replace(*reference, depth)) return false;
      text.remove_prefix(reference->size);
    }
    return true;
  }

  std::string out;
  std::string error;

 private:
  bool fail(std::string why) {
    error = std::move(why);
    return false;
  }

  bool replace(const Reference& reference, unsigned depth) {
    if (reference.definition)
      inline_.insert_or_assign(std::string(reference.pattern), std::string(*reference.definition));
    const auto defined = inline_.find(reference.pattern);
    const std::string* definition =
        defined != inline_.end() ? &defined->second : dictionary_->find(reference.pattern);
    if (!definition) return fail(fmt::format("pattern %{{{}}} is not defined", reference.pattern));
    const bool captures = !named_only_ || reference.name.find(':') != std::string_view::npos;
    out += captures ? fmt::format("(?<{}>", reference.name) : "(?:";
    // A copy: an inline definition inside of it may replace it.
    const std::string text = *definition;
    if (!append(text, depth + 1)) return false;
    out += ')';
    return true;
  }

  const GrokDictionary* dictionary_;
  bool named_only_;
  std::map<std::string, std::string, std::less<>> inline_;
};

const GrokDictionary& GrokDictionary::stock(GrokSet set) {
  const auto read = [](std::string_view name) {
    GrokDictionary out;
    for (const GrokStockFile& file : grok_stock_files())
      if (file.set == name) out.add_lines(file.text);
    return out;
  };
  static const GrokDictionary kLegacy = read("legacy");
  static const GrokDictionary kEcs = read("ecs-v1");
  return set == GrokSet::legacy ? kLegacy : kEcs;
}

void GrokDictionary::add(std::string name, std::string definition) {
  definitions_.insert_or_assign(std::move(name), std::move(definition));
}

void GrokDictionary::add_lines(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = trim(line);
    if (line.empty() || line[0] == '#') continue;
    const size_t space = line.find_first_of(" \t");
    if (space == line.npos) continue;  // a name alone defines nothing
    add(std::string(line.substr(0, space)), std::string(trim(line.substr(space))));
  }
}

Status GrokDictionary::add_file(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return io_error(fmt::format("pattern file {}: {}", path, error.message()));
  if (size > kFileBytesMax) return io_error(fmt::format("pattern file {} is too large", path));
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) return io_error(fmt::format("pattern file {} can't be read", path));
  if (!is_utf8(text)) return io_error(fmt::format("pattern file {} is not UTF-8", path));
  add_lines(text);
  return ok_status();
}

const std::string* GrokDictionary::find(std::string_view name) const {
  const auto found = definitions_.find(name);
  if (found != definitions_.end()) return &found->second;
  return below_ ? below_->find(name) : nullptr;
}

Result<std::string> GrokDictionary::expand(std::string_view expression, bool named_only) const {
  Expansion expansion(*this, named_only);
  if (!expansion.append(expression, 0))
    return Error{Errc::bad_config, std::move(expansion.error), {}};
  if (expansion.out.size() > kExpansionBytesMax)
    return Error{Errc::bad_config, "it is too large when its patterns are put in", {}};
  return std::move(expansion.out);
}

}  // namespace penstock
