// Upper and lower case of UTF-8 text, as Ruby maps it: Unicode's simple mappings and the few
// letters that become two. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace penstock::mutate {

void append_upper(std::string_view text, std::string& out);
void append_lower(std::string_view text, std::string& out);
// The first letter in upper case, the others in lower case.
void append_capitalized(std::string_view text, std::string& out);

}  // namespace penstock::mutate
