// Any text as configuration: the parser ends, and what it calls good can be planned and compiled.
#include <cstdint>
#include <string>

#include "pipeline/base/check.h"
#include "pipeline/config/parser.h"
#include "pipeline/event/field_ref.h"
#include "pipeline/flow/condition.h"

namespace penstock {
namespace {

void compile_all(const Block& block) {
  for (const Statement& statement : block) {
    if (!statement.branch) continue;
    for (const Branch::Arm& arm : statement.branch->arms) {
      if (arm.condition) (void)Condition::compile(*arm.condition).ok();
      compile_all(arm.block);
    }
  }
}

void parse(std::string_view text, bool escapes) {
  ParseOptions options;
  options.support_escapes = escapes;
  options.environment = [](const std::string& name) -> const char* {
    return name.size() % 2 ? "[\"a\", b]" : nullptr;
  };
  ConfigTree tree;
  Errors errors;
  const bool good = parse_config(text, "f", options, tree, errors);
  CHECK(good == errors.empty(), "a failure without an error, or the other way round");
  CHECK(errors.size() <= kConfigErrorsMax, "more errors than the limit");
  for (const Error& error : errors) CHECK(error.where.known(), "an error without a place");
  for (const Section& section : tree.sections) compile_all(section.block);
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  penstock::parse(text, size % 2 == 0);
  (void)penstock::FieldRef::parse(text).ok();
  (void)penstock::parse_value(text).ok();
  return 0;
}
