// What a script says goes to Penstock's log.
#include <unistd.h>

#include <cstdlib>

#include "filters/ruby/state.h"
#include "pipeline/base/log.h"
#include "pipeline/base/text.h"

namespace penstock::ruby {
namespace {

constexpr size_t kLogLineBytesMax = 4096;

// __log(level, text)
mrb_value kernel_log(mrb_state* mrb, mrb_value) {
  mrb_int level = 0;
  mrb_value text;
  mrb_get_args(mrb, "iS", &level, &text);
  Native native(mrb);
  const auto wanted = static_cast<log::Level>(std::min<mrb_int>(std::max<mrb_int>(level, 0), 5));
  if (log::enabled(wanted))
    log::write(wanted, state_of(mrb).options->plugin,
               escape_invalid_utf8(view(text).substr(0, kLogLineBytesMax)));
  return mrb_nil_value();
}

mrb_value float_to_s(mrb_state* mrb, mrb_value self) {
  const double number = mrb_float(self);
  if (number != number) return mrb_str_new_lit(mrb, "NaN");
  if (number - number != 0) return mrb_str_new_cstr(mrb, number > 0 ? "Infinity" : "-Infinity");
  State& state = state_of(mrb);
  {
    Native native(mrb);
    state.scratch_text.clear();
    append_real(number, state.scratch_text);
  }
  return make_string(mrb, state.scratch_text);
}

// __env(name): a variable of the environment, as ${NAME} in the configuration reads it.
mrb_value kernel_env(mrb_state* mrb, mrb_value) {
  const char* name = nullptr;
  mrb_get_args(mrb, "z", &name);
  const char* const text = std::getenv(name);
  return text ? mrb_str_new_cstr(mrb, text) : mrb_nil_value();
}

mrb_value kernel_host_name(mrb_state* mrb, mrb_value) {
  char name[256] = "";
  if (gethostname(name, sizeof name - 1) != 0) return mrb_nil_value();
  return mrb_str_new_cstr(mrb, name);
}

}  // namespace

void define_kernel(mrb_state* mrb) {
  mrb_define_method(mrb, mrb->kernel_module, "__log", kernel_log, MRB_ARGS_REQ(2));
  mrb_define_method(mrb, mrb->kernel_module, "__env", kernel_env, MRB_ARGS_REQ(1));
  mrb_define_method(mrb, mrb->kernel_module, "__host_name", kernel_host_name, MRB_ARGS_NONE());
  mrb_define_method(mrb, mrb->float_class, "to_s", float_to_s, MRB_ARGS_NONE());
  mrb_define_method(mrb, mrb->float_class, "inspect", float_to_s, MRB_ARGS_NONE());
}

}  // namespace penstock::ruby
