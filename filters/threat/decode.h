// Undoing what attackers put around a payload so that a filter passes it by. One call takes off
// one layer of each kind:
//
//   %41  %u0041  +           URL encoding; a plus is a blank only in text without blanks
//   &#65; &#x41; &lt;        HTML entities, with or without the semicolon
//   \u0041 \u{41} \x41 \101  escapes of JavaScript, JSON and shells; \n \t \r \" \/ too
//   0xC0 0xAF, U+FF0F        overlong UTF-8 and full-width forms become the ASCII they stand for
//   NUL                      goes
//
// The result is lower case, is never longer than the text, and may be ill-formed UTF-8: it is for
// looking at only. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace penstock::threat {

// False, and `out` is of no use, when the text has nothing to decode.
bool decode_layer(std::string_view text, std::string& out);

// ASCII letters become lower case.
void fold_case(std::string& text);

}  // namespace penstock::threat
