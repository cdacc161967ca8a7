// Reading the files that the operator allowed, and YAML. Nothing is ever written.
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "filters/ruby/state.h"
#include "pipeline/base/text.h"

namespace penstock::ruby {
namespace {

constexpr uintmax_t kFileBytesMax = uintmax_t{32} << 20;
constexpr unsigned kYamlDepthMax = 100;

// With links followed, so that none leads out of what is allowed.
bool is_allowed(const Options& options, const std::filesystem::path& file) {
  for (const std::string& allowed : options.readable) {
    std::error_code fault;
    const auto root = std::filesystem::canonical(allowed, fault);
    if (fault) continue;
    const auto [root_end, ignored] =
        std::mismatch(root.begin(), root.end(), file.begin(), file.end());
    if (root_end == root.end()) return true;
  }
  return false;
}

// nullptr when the text is in scratch_text.
const char* read_file(State& state, std::string_view path) {
  std::error_code fault;
  const auto file = std::filesystem::canonical(std::filesystem::path(path), fault);
  if (!is_allowed(*state.options, fault ? std::filesystem::path(path).lexically_normal() : file))
    return "scripts may read only what allow_read names";
  if (fault || !std::filesystem::is_regular_file(file, fault)) return "no such file";
  if (std::filesystem::file_size(file, fault) > kFileBytesMax || fault)
    return "the file is too large";
  std::ifstream in(file, std::ios::binary);
  state.scratch_text.assign(std::istreambuf_iterator<char>(in), {});
  return in.bad() ? "the file can't be read" : nullptr;
}

// __read_file(path): raises with why it can't be read.
mrb_value file_read(mrb_state* mrb, mrb_value) {
  mrb_value path;
  mrb_get_args(mrb, "S", &path);
  const char* fault = nullptr;
  {
    Native native(mrb);
    fault = read_file(state_of(mrb), view(path));
  }
  if (fault) mrb_raisef(mrb, E_RUNTIME_ERROR, "%v: %s", path, fault);
  return make_string(mrb, state_of(mrb).scratch_text);
}

// Plain words mean what YAML's core schema says; quoted ones are strings.
Value scalar(const YAML::Node& node, Arena& arena) {
  const std::string& text = node.Scalar();
  const bool quoted = node.Tag() == "!";
  if (!quoted) {
    if (text.empty() || text == "~" || equals_ignore_case(text, "null")) return Value::null();
    for (const std::string_view word : {"true", "yes", "on"})
      if (equals_ignore_case(text, word)) return Value::boolean(true);
    for (const std::string_view word : {"false", "no", "off"})
      if (equals_ignore_case(text, word)) return Value::boolean(false);
    if (const auto integer = parse_integer(text)) return Value::of_integer(*integer);
    const bool numeric = text.find_first_of("0123456789") != std::string::npos &&
                         text.find_first_not_of("0123456789.+-eE") == std::string::npos;
    if (const auto real = numeric ? parse_real(text) : std::nullopt) return Value::of_real(*real);
  }
  return Value::string(arena.copy(is_utf8(text) ? text : replace_invalid_utf8(text)));
}

bool convert(const YAML::Node& node, Arena& arena, Value& out, unsigned depth) {
  if (depth > kYamlDepthMax) return false;
  if (node.IsScalar()) {
    out = scalar(node, arena);
  } else if (node.IsSequence()) {
    out = Value::array();
    for (const auto& item : node) {
      Value value;
      if (!convert(item, arena, value, depth + 1)) return false;
      array_append(arena, out, value);
    }
  } else if (node.IsMap()) {
    out = Value::object();
    for (const auto& pair : node) {
      Value value;
      if (!pair.first.IsScalar() || !convert(pair.second, arena, value, depth + 1)) return false;
      object_set(arena, out, Name{arena.copy(pair.first.Scalar())}, value);
    }
  } else {
    out = Value::null();
  }
  return true;
}

const char* load_yaml(State& state, std::string_view text, Value& out) {
  state.json_arena.reset();
  try {
    if (!convert(YAML::Load(std::string(text)), state.json_arena, out, 0))
      return "too deep, or odd keys";
  } catch (const YAML::Exception& fault) {
    state.scratch_text = fault.what();
    return state.scratch_text.c_str();
  }
  return nullptr;
}

// __yaml(text)
mrb_value yaml_load(mrb_state* mrb, mrb_value) {
  mrb_value text;
  mrb_get_args(mrb, "S", &text);
  Value document;
  const char* fault = nullptr;
  {
    Native native(mrb);
    fault = load_yaml(state_of(mrb), view(text), document);
  }
  if (fault) raise_text(mrb, E_RUNTIME_ERROR, fault);
  return from_event(mrb, document);
}

}  // namespace

void define_files(mrb_state* mrb) {
  mrb_define_method(mrb, mrb->kernel_module, "__read_file", file_read, MRB_ARGS_REQ(1));
  mrb_define_method(mrb, mrb->kernel_module, "__yaml", yaml_load, MRB_ARGS_REQ(1));
}

}  // namespace penstock::ruby
