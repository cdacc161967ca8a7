#include "filters/ruby/loader.h"

#include <mruby/compile.h>

#include "filters/ruby/program_check.h"

asm(R"(
  .section .rodata
  .global penstock_ruby_prelude_begin
  .global penstock_ruby_prelude_end
penstock_ruby_prelude_begin:
  .incbin "filters/ruby/prelude/core.rb"
  .incbin "filters/ruby/prelude/collections.rb"
  .incbin "filters/ruby/prelude/string.rb"
  .incbin "filters/ruby/prelude/library.rb"
  .incbin "filters/ruby/prelude/digests.rb"
  .incbin "filters/ruby/prelude/web.rb"
  .incbin "filters/ruby/prelude/addresses.rb"
  .incbin "filters/ruby/prelude/time.rb"
  .incbin "filters/ruby/prelude/files.rb"
  .incbin "filters/ruby/prelude/script.rb"
penstock_ruby_prelude_end:
  .byte 0
  .previous
)");

extern "C" {
extern const char penstock_ruby_prelude_begin[];
extern const char penstock_ruby_prelude_end[];

// mruby's own extensions, one by one: mrb_open() would bring files, sockets and processes too.
// Weak, since which there are depends on the version.
#define PENSTOCK_GEM_(name) \
  __attribute__((weak)) void GENERATED_TMP_mrb_mruby_##name##_gem_init(mrb_state*);
#define PENSTOCK_GEMS_(gem)                                                                      \
  gem(compar_ext) gem(enum_ext) gem(string_ext) gem(numeric_ext) gem(array_ext) gem(hash_ext)    \
      gem(range_ext) gem(proc_ext) gem(symbol_ext) gem(object_ext) gem(fiber) gem(enumerator)    \
          gem(enum_lazy) gem(toplevel_ext) gem(kernel_ext) gem(class_ext) gem(pack) gem(sprintf) \
              gem(struct) gem(random) gem(math) gem(metaprog) gem(method)
PENSTOCK_GEMS_(PENSTOCK_GEM_)
#undef PENSTOCK_GEM_
}

namespace penstock::ruby {
namespace {

using GemInit = void (*)(mrb_state*);
#define PENSTOCK_GEM_(name) GENERATED_TMP_mrb_mruby_##name##_gem_init,
const GemInit kGems[] = {PENSTOCK_GEMS_(PENSTOCK_GEM_)};
#undef PENSTOCK_GEM_
#undef PENSTOCK_GEMS_

// The compiler's own state, freed on every way out. What raises between is only memory running
// out, which ends the interpreter.
struct Compiled {
  mrbc_context* context;
  mrb_parser_state* parser;
};

void collect(const mrb_parser_state& parser, const Where& where, std::vector<LoadFault>& faults) {
  const size_t count = std::min(parser.nerr, std::size(parser.error_buffer));
  for (size_t i = 0; i < count; ++i) {
    const auto& error = parser.error_buffer[i];
    Where place = where;
    place.line = error.lineno;
    place.column = error.lineno == where.line ? where.column : 1;
    faults.push_back({error.message ? error.message : "syntax error", place});
  }
}

RProc* compile(mrb_state* mrb, std::string_view text, const Where& where,
               std::vector<LoadFault>& faults) {
  Compiled compiled{};
  compiled.context = mrbc_context_new(mrb);
  compiled.context->lineno = static_cast<uint16_t>(where.line);
  compiled.context->capture_errors = TRUE;
  mrbc_filename(mrb, compiled.context, where.file.empty() ? "(config)" : where.file.c_str());
  compiled.parser = mrb_parse_nstring(mrb, text.data(), text.size(), compiled.context);
  RProc* proc = nullptr;
  if (compiled.parser) {
    if (compiled.parser->nerr || !compiled.parser->tree) {
      Native native(mrb);
      collect(*compiled.parser, where, faults);
      if (faults.empty()) faults.push_back({"syntax error", where});
    } else {
      proc = mrb_generate_code(mrb, compiled.parser);
    }
    mrb_parser_free(compiled.parser);
  }
  mrbc_context_free(mrb, compiled.context);
  return proc;
}

}  // namespace

bool load(mrb_state* mrb, std::string_view text, const Where& where, Author author,
          mrb_value& result, std::vector<LoadFault>& faults) {
  RProc* const proc = compile(mrb, text, where, faults);
  if (!proc) return false;
  if (author != Author::penstock) note_match_variables(mrb, proc->body.irep);
  if (author == Author::user) {
    Native native(mrb);
    find_unknown_names(mrb, proc->body.irep, where, faults);
    if (!faults.empty()) return false;
  }
  MRB_PROC_SET_TARGET_CLASS(proc, mrb->object_class);
  result = mrb_top_run(mrb, proc, mrb_top_self(mrb), 0);
  return true;
}

std::string_view prelude() {
  return {penstock_ruby_prelude_begin,
          static_cast<size_t>(penstock_ruby_prelude_end - penstock_ruby_prelude_begin)};
}

void define_all(mrb_state* mrb) {
  for (const GemInit gem : kGems)
    if (gem) gem(mrb);
  Classes& classes = state_of(mrb).classes;
  classes.logstash = mrb_define_module(mrb, "LogStash");
  define_time(mrb);
  define_timestamp(mrb);
  define_event(mrb);
  define_kernel(mrb);
  define_regexp(mrb);
  define_regexp_strings(mrb);
  define_strings(mrb);
  define_json(mrb);
  define_digests(mrb);
  define_files(mrb);
}

}  // namespace penstock::ruby
