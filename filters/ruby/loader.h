// Loader: Ruby text into a running machine. Every function may run Ruby code, so each is called
// within the time limit and under protection.
#pragma once

#include "filters/ruby/state.h"

namespace penstock::ruby {

// What went wrong while text was loaded.
struct LoadFault {
  std::string message;
  Where where;
};

// Whose text it is: ours is trusted, a user's is looked through for names that nothing defines.
enum class Author : uint8_t { penstock, user, user_again };

// Compiles and runs `text`; its value goes to `result`. Lines are counted from `where`. False with
// faults added for bad syntax and unknown names; an exception is left to mrb->exc's usual way.
bool load(mrb_state* mrb, std::string_view text, const Where& where, Author author,
          mrb_value& result, std::vector<LoadFault>& faults);

// The gems and everything of ours.
void define_all(mrb_state* mrb);

// prelude/*.rb: what is written in Ruby.
std::string_view prelude();

}  // namespace penstock::ruby
