#include "compat/absent.h"

namespace penstock {
namespace {

constexpr AbsentPlugin kAbsent[] = {
#define ABSENT(kind, name, instead) {PluginKind::kind, name, instead},
#include "compat/absent.def"
#undef ABSENT
};

}  // namespace

std::span<const AbsentPlugin> absent_plugins() { return kAbsent; }

}  // namespace penstock
