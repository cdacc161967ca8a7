// What can be seen of a compiled script before it runs.
#pragma once

#include "filters/ruby/loader.h"

struct mrb_irep;

namespace penstock::ruby {

// Notes which match variables ($~, $1 ...) the code reads.
void note_match_variables(mrb_state* mrb, const mrb_irep* irep);

// Adds a fault for each constant and method that nothing defines, neither the interpreter nor the
// code, and for each library that can't be required. Sound but for code that makes methods out of
// computed names, which is left alone.
void find_unknown_names(mrb_state* mrb, const mrb_irep* irep, const Where& where,
                        std::vector<LoadFault>& faults);

}  // namespace penstock::ruby
