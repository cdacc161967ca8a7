#include "pipeline/rehearsal/test_file.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pipeline/base/text.h"
#include "pipeline/rehearsal/yaml_json.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

// The time of cases that say none: any would do, but it is to be the same on every machine.
constexpr const char* kClock = "2026-01-01T00:00:00.000Z";

// Reads one document; the faults go to `errors` with their places.
class Reader {
 public:
  Reader(const std::string& path, TestFile& out, Errors& errors)
      : path_(path), out_(out), errors_(errors) {}

  void file(const YAML::Node& root) {
    if (!root.IsMap()) return fail(root, "expected a map with `cases`");
    std::string clock = kClock;
    for (const auto& entry : root) {
      const std::string key = entry.first.Scalar();
      const YAML::Node& held = entry.second;
      if (key == "config")
        out_.config = text(held);
      else if (key == "ecs")
        ecs(held);
      else if (key == "clock")
        clock = text(held);
      else if (key == "environment")
        for (const auto& variable : map(held)) out_.options.environment.insert(variable);
      else if (key == "support_escapes")
        out_.options.support_escapes = text(held) == "true";
      else if (key == "cases")
        cases(held);
      else
        unknown(entry.first, key, {"config", "ecs", "clock", "environment", "cases"});
    }
    out_.clock = instant(root, clock).value_or(Instant{});
    if (out_.cases.empty() && errors_.empty()) fail(root, "there are no `cases`");
  }

  Where where(const YAML::Node& node) const {
    const YAML::Mark mark = node.Mark();
    if (mark.is_null()) return {path_, 1, 1};
    return {path_, static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
  }

 private:
  void cases(const YAML::Node& list) {
    if (!list.IsSequence()) return fail(list, "`cases` is a list");
    for (const YAML::Node& item : list) one_case(item);
  }

  void one_case(const YAML::Node& node) {
    if (!node.IsMap()) return fail(node, "a case is a map");
    TestCase& made = out_.cases.emplace_back();
    made.where = where(node);
    made.name = "line " + std::to_string(made.where.line);
    Feed feed;
    bool expects = false;
    for (const auto& entry : node) {
      const std::string key = entry.first.Scalar();
      const YAML::Node& held = entry.second;
      if (key == "name") {
        made.name = text(held);
      } else if (key == "clock") {
        made.clock = instant(held, text(held));
      } else if (key == "steps") {
        for (const YAML::Node& step : held) steps(step, made);
      } else if (key == "expect") {
        expects = true;
        expect(held, made);
      } else if (key == "nothing_to") {
        expects = true;
        made.nothing = texts(held);
      } else if (!feed_key(key, held, feed)) {
        unknown(entry.first, key,
                {"name", "clock", "input", "lines", "events", "fields", "steps", "expect",
                 "nothing_to"});
      }
    }
    if (!feed.lines.empty() || !feed.events.empty())
      made.feeds.insert(made.feeds.begin(), std::move(feed));
    if (made.feeds.empty()) fail(node, "the case has neither `lines` nor `events`");
    if (!expects) fail(node, "the case has no `expect`");
  }

  void steps(const YAML::Node& node, TestCase& made) {
    Feed feed;
    for (const auto& entry : node)
      if (!feed_key(entry.first.Scalar(), entry.second, feed))
        unknown(entry.first, entry.first.Scalar(), {"input", "lines", "events", "fields"});
    made.feeds.push_back(std::move(feed));
  }

  bool feed_key(const std::string& key, const YAML::Node& held, Feed& feed) {
    if (key == "input")
      feed.input = text(held);
    else if (key == "lines")
      feed.lines = lines(held);
    else if (key == "events")
      for (const YAML::Node& event : list(held)) feed.events.push_back(event_json(event));
    else if (key == "fields")
      feed.fields = map(held);
    else
      return false;
    return true;
  }

  // A JSON text stays as it is.
  std::string event_json(const YAML::Node& node) {
    if (node.IsScalar() && node.Scalar().starts_with('{')) return node.Scalar();
    if (!node.IsMap()) fail(node, "an event is a map");
    return yaml_to_json(node);
  }

  // A list, or a block of text with a line each.
  std::vector<std::string> lines(const YAML::Node& node) {
    if (!node.IsScalar()) return texts(node);
    std::vector<std::string> out;
    std::string_view rest = node.Scalar();
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      out.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
  }

  void expect(const YAML::Node& held, TestCase& made) {
    for (const YAML::Node& node : list(held)) {
      if (!node.IsMap()) {
        fail(node, "an expectation is a map");
        continue;
      }
      made.expected.push_back(expectation(node));
    }
  }

  Expectation expectation(const YAML::Node& node) {
    Expectation out;
    for (const auto& entry : node) {
      const std::string key = entry.first.Scalar();
      const YAML::Node& held = entry.second;
      if (key == "output")
        out.output = text(held);
      else if (key == "exact")
        out.exact = yaml_to_flat(held);
      else if (key == "subset")
        out.subset = yaml_to_flat(held);
      else if (key == "absent")
        for (const std::string& field : texts(held)) out.absent.push_back(reference(held, field));
      else if (key == "matches")
        for (auto& [field, pattern] : map(held)) {
          if (auto compiled = Regex::compile(pattern); !compiled.ok())
            fail(held, pattern + ": " + compiled.error().message);
          out.matches.emplace_back(reference(held, field), pattern);
        }
      else if (key == "tags")
        out.tags = texts(held);
      else if (key == "no_tags")
        out.no_tags = texts(held);
      else if (key == "options")
        for (const auto& [name, value] : map(held)) out.options[name] = value;
      else
        unknown(entry.first, key,
                {"output", "exact", "subset", "absent", "matches", "tags", "no_tags", "options"});
    }
    return out;
  }

  std::string reference(const YAML::Node& node, const std::string& field) {
    auto parsed = FieldRef::parse(field);
    if (parsed.ok()) return parsed.value().text();
    fail(node, "`" + field + "` is no field reference");
    return field;
  }

  void ecs(const YAML::Node& node) {
    const std::string mode = text(node);
    if (mode == "disabled")
      out_.options.ecs = Ecs::disabled;
    else if (mode == "v1")
      out_.options.ecs = Ecs::v1;
    else if (mode != "v8")
      fail(node, "`ecs` is disabled, v1 or v8");
  }

  std::optional<Instant> instant(const YAML::Node& node, const std::string& given) {
    auto out = parse_instant(given);
    if (!out) fail(node, "`clock` is a time like 2026-01-31T12:00:00Z, found `" + given + "`");
    return out;
  }

  std::string text(const YAML::Node& node) {
    if (node.IsScalar()) return node.Scalar();
    fail(node, "expected a text");
    return "";
  }

  std::vector<YAML::Node> list(const YAML::Node& node) {
    if (node.IsSequence()) return {node.begin(), node.end()};
    if (!node.IsNull()) return {node};
    return {};
  }

  std::vector<std::string> texts(const YAML::Node& node) {
    std::vector<std::string> out;
    for (const YAML::Node& item : list(node)) out.push_back(text(item));
    return out;
  }

  std::vector<std::pair<std::string, std::string>> map(const YAML::Node& node) {
    std::vector<std::pair<std::string, std::string>> out;
    if (!node.IsMap()) fail(node, "expected a map");
    for (const auto& entry : node) out.emplace_back(entry.first.Scalar(), text(entry.second));
    return out;
  }

  void unknown(const YAML::Node& node, const std::string& key,
               const std::vector<std::string_view>& known) {
    const std::string_view meant = nearest(key, known);
    fail(node, "unknown key `" + key + "`" +
                   (meant.empty() ? "" : "; did you mean `" + std::string(meant) + "`?"));
  }

  void fail(const YAML::Node& node, std::string message) {
    errors_.push_back({Errc::bad_config, std::move(message), where(node)});
  }

  const std::string& path_;
  TestFile& out_;
  Errors& errors_;
};

// The configuration that a test file is beside of: of the same name, else its whole folder.
std::string config_of(const std::string& path, const std::string& given) {
  const fs::path folder = fs::path(path).parent_path();
  if (!given.empty())
    return fs::path(given).is_absolute() ? given : (folder / given).lexically_normal().string();
  const fs::path same = fs::path(path).replace_extension(".conf");
  std::error_code ignored;
  if (fs::exists(same, ignored)) return same.string();
  return folder.empty() ? "." : folder.string();
}

}  // namespace

bool parse_test_file(const std::string& text, const std::string& path, TestFile& out,
                     Errors& errors) {
  const size_t before = errors.size();
  out.path = path;
  // yaml-cpp reports by exception; none leaves this function.
  try {
    Reader(path, out, errors).file(YAML::Load(text));
  } catch (const YAML::Exception& e) {
    const bool known = !e.mark.is_null();
    errors.push_back({Errc::bad_config,
                      "not YAML: " + e.msg,
                      {path, known ? static_cast<uint32_t>(e.mark.line + 1) : 1,
                       known ? static_cast<uint32_t>(e.mark.column + 1) : 1}});
  }
  out.config = config_of(path, out.config);
  return errors.size() == before;
}

bool read_test_file(const std::string& path, TestFile& out, Errors& errors) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    errors.push_back(io_error(path + ": cannot open: " + errno_text(errno)));
    return false;
  }
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (text.size() <= kTestFileBytesMax) return parse_test_file(text, path, out, errors);
  errors.push_back(io_error(path + ": larger than a test file can be"));
  return false;
}

}  // namespace penstock
