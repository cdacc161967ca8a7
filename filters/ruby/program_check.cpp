#include "filters/ruby/program_check.h"

#include <fmt/format.h>
#include <mruby/debug.h>
#include <mruby/gc.h>
#include <mruby/irep.h>
#include <mruby/opcode.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace penstock::ruby {
namespace {

constexpr size_t kFaultsMax = 20;
constexpr unsigned kDepthMax = 100;

// How an instruction's operands lie: one letter each, B a byte, S two, W three.
constexpr std::array<std::string_view, 256> kOperands = [] {
  std::array<std::string_view, 256> out{};
  size_t code = 0;
#define Z ""
#define B "B"
#define BB "BB"
#define BBB "BBB"
#define BS "BS"
#define BSS "BSS"
#define S "S"
#define W "W"
#define OPCODE(name, operands) out[code++] = operands;
#include <mruby/ops.h>
#undef OPCODE
#undef Z
#undef B
#undef BB
#undef BBB
#undef BS
#undef BSS
#undef S
#undef W
  return out;
}();

struct Instruction {
  uint8_t code;
  uint32_t a, b, c;
};

// Calls visit(instruction, offset) for each.
template <class Visit>
void each_instruction(const mrb_irep* irep, Visit visit) {
  const mrb_code* const code = irep->iseq;
  for (uint32_t at = 0; at < irep->ilen;) {
    const uint32_t begin = at;
    uint8_t wide = 0;  // bit 0: the first operand has two bytes, bit 1: the second
    if (code[at] == OP_EXT1 || code[at] == OP_EXT2 || code[at] == OP_EXT3) {
      wide = code[at] == OP_EXT1 ? 1 : code[at] == OP_EXT2 ? 2 : 3;
      ++at;
    }
    Instruction instruction{code[at++], 0, 0, 0};
    uint32_t* const fields[] = {&instruction.a, &instruction.b, &instruction.c};
    const std::string_view operands = kOperands[instruction.code];
    for (size_t i = 0; i < operands.size(); ++i) {
      const uint32_t size = operands[i] == 'W'              ? 3
                            : operands[i] == 'S'            ? 2
                            : i < 2 && (wide >> i & 1) != 0 ? 2
                                                            : 1;
      for (uint32_t k = 0; k < size && at < irep->ilen; ++k)
        *fields[i] = *fields[i] << 8 | code[at++];
    }
    visit(instruction, begin);
  }
}

template <class Visit>
void each_irep(const mrb_irep* irep, Visit visit, unsigned depth = 0) {
  if (depth > kDepthMax) return;
  visit(irep);
  for (uint16_t i = 0; i < irep->rlen; ++i) each_irep(irep->reps[i], visit, depth + 1);
}

bool is_send(uint8_t code) {
  return code == OP_SEND || code == OP_SENDB || code == OP_SSEND || code == OP_SSENDB;
}

std::string_view name_of(mrb_state* mrb, mrb_sym symbol) {
  mrb_int size = 0;
  const char* const name = mrb_sym_name_len(mrb, symbol, &size);
  return {name, static_cast<size_t>(size)};
}

using Symbols = std::unordered_set<mrb_sym>;

// Names of the methods of all classes and modules.
int add_method(mrb_state*, mrb_sym name, mrb_method_t, void* data) {
  static_cast<Symbols*>(data)->insert(name);
  return 0;
}
int add_methods(mrb_state* mrb, RBasic* object, void* data) {
  if (object->tt == MRB_TT_CLASS || object->tt == MRB_TT_MODULE || object->tt == MRB_TT_SCLASS)
    mrb_mt_foreach(mrb, reinterpret_cast<RClass*>(object), add_method, data);
  return MRB_EACH_OBJ_OK;
}

// What the code itself brings along.
struct Own {
  Symbols constants, methods;
  bool makes_methods = false;  // out of computed names
};

// Calls that define methods of names that can't be seen.
bool makes_methods(std::string_view name) {
  return name == "define_method" || name == "define_singleton_method" || name == "Class" ||
         name == "method_missing" || name == "OpenStruct" || name == "class_eval";
}

Own own_names(mrb_state* mrb, const mrb_irep* root) {
  Own own;
  each_irep(root, [&](const mrb_irep* irep) {
    each_instruction(irep, [&](const Instruction& at, uint32_t) {
      switch (at.code) {
        case OP_SETCONST:
        case OP_SETMCNST:
        case OP_CLASS:
        case OP_MODULE:
          own.constants.insert(irep->syms[at.b]);
          break;
        case OP_DEF:
        case OP_LOADSYM:
          own.methods.insert(irep->syms[at.b]);
          break;
        case OP_ALIAS:
          own.methods.insert(irep->syms[at.a]);
          break;
        default:
          break;
      }
      if (is_send(at.code) || at.code == OP_GETCONST || at.code == OP_DEF)
        own.makes_methods = own.makes_methods || makes_methods(name_of(mrb, irep->syms[at.b]));
    });
  });
  return own;
}

// Methods of Rails' that scripts call by mistake: Logstash runs such scripts too, and tags the
// events that get there.
bool is_rails(std::string_view name) {
  for (const std::string_view known : {"blank?", "present?", "presence", "try", "exclude?",
                                       "deep_merge", "deep_merge!", "deep_dup", "squish", "in?"})
    if (name == known) return true;
  return false;
}

class Checker {
 public:
  Checker(mrb_state* mrb, const Where& where, std::vector<LoadFault>& faults)
      : mrb_(mrb), where_(where), faults_(faults) {
    mrb_objspace_each_objects(mrb, add_methods, &methods_);
  }

  void check(const mrb_irep* root) {
    own_ = own_names(mrb_, root);
    each_irep(root, [&](const mrb_irep* irep) {
      module_ = nullptr;
      text_ = {};
      each_instruction(irep, [&](const Instruction& at, uint32_t offset) {
        if (faults_.size() < kFaultsMax) look(irep, at, offset);
      });
    });
  }

 private:
  void look(const mrb_irep* irep, const Instruction& at, uint32_t offset) {
    RClass* const scope = module_;  // the constant of the instruction before
    const std::string_view text = text_;
    module_ = nullptr;
    text_ = {};
    if (at.code == OP_GETCONST) {
      look_at_constant(irep, mrb_->object_class, irep->syms[at.b], offset);
    } else if (at.code == OP_GETMCNST && scope) {
      look_at_constant(irep, scope, irep->syms[at.b], offset);
    } else if (at.code == OP_STRING && !(irep->pool[at.b].tt & IREP_TT_NFLAG)) {
      text_ = {irep->pool[at.b].u.str, irep->pool[at.b].tt >> 2};
    } else if (is_send(at.code)) {
      const mrb_sym name = irep->syms[at.b];
      if (at.code == OP_SSEND && !text.empty() && name_of(mrb_, name) == "require")
        look_at_library(irep, text, offset);
      look_at_method(irep, name, offset);
    }
  }

  void look_at_constant(const mrb_irep* irep, RClass* scope, mrb_sym name, uint32_t offset) {
    if (own_.constants.count(name) != 0) return;
    const mrb_value place = mrb_obj_value(scope);
    if (mrb_const_defined(mrb_, place, name) ||
        mrb_const_defined(mrb_, mrb_obj_value(mrb_->object_class), name)) {
      const mrb_value value = mrb_const_get(mrb_, place, name);
      if (mrb_class_p(value) || mrb_module_p(value)) module_ = mrb_class_ptr(value);
      return;
    }
    const char* const outer = scope == mrb_->object_class ? nullptr : mrb_class_name(mrb_, scope);
    fault(irep, offset,
          fmt::format("scripts know no {}{}{}", outer ? outer : "", outer ? "::" : "",
                      name_of(mrb_, name)));
  }

  void look_at_method(const mrb_irep* irep, mrb_sym name, uint32_t offset) {
    if (own_.makes_methods || methods_.count(name) != 0 || own_.methods.count(name) != 0) return;
    const std::string_view text = name_of(mrb_, name);
    if (is_rails(text)) return;
    if (text.size() > 1 && text.back() == '=' &&
        own_.methods.count(mrb_intern(mrb_, text.data(), text.size() - 1)) != 0)
      return;  // an attribute's
    fault(irep, offset, fmt::format("nothing defines a method or variable '{}'", text));
  }

  void look_at_library(const mrb_irep* irep, std::string_view library, uint32_t offset) {
    const mrb_value known =
        mrb_const_get(mrb_, mrb_obj_value(mrb_->kernel_module), mrb_intern_lit(mrb_, "LIBRARIES"));
    for (mrb_int i = 0; i < RARRAY_LEN(known); ++i)
      if (view(mrb_ary_ref(mrb_, known, i)) == library) return;
    fault(irep, offset, fmt::format("scripts can't require '{}'", library));
  }

  void fault(const mrb_irep* irep, uint32_t offset, std::string message) {
    Where place = where_;
    const int32_t line = mrb_debug_get_line(mrb_, irep, offset);
    if (line > 0 && static_cast<uint32_t>(line) != where_.line) {
      place.line = static_cast<uint32_t>(line);
      place.column = 1;
    }
    faults_.push_back({std::move(message), place});
  }

  mrb_state* mrb_;
  const Where& where_;
  std::vector<LoadFault>& faults_;
  Symbols methods_;
  Own own_;
  RClass* module_ = nullptr;
  std::string_view text_;
};

}  // namespace

void note_match_variables(mrb_state* mrb, const mrb_irep* root) {
  MatchWishes& wishes = state_of(mrb).wishes;
  each_irep(root, [&](const mrb_irep* irep) {
    each_instruction(irep, [&](const Instruction& at, uint32_t) {
      if (at.code != OP_GETGV && !is_send(at.code)) return;
      const std::string_view name = name_of(mrb, irep->syms[at.b]);
      if (name == "$~" || name == "last_match") wishes.last = true;
      if (at.code == OP_GETGV && name.size() == 2 && name[1] >= '1' && name[1] <= '9')
        wishes.groups |= 1u << (name[1] - '0');
      if (name == "$&" || name == "$`" || name == "$'") wishes.around = true;
    });
  });
}

void find_unknown_names(mrb_state* mrb, const mrb_irep* irep, const Where& where,
                        std::vector<LoadFault>& faults) {
  Checker(mrb, where, faults).check(irep);
}

}  // namespace penstock::ruby
