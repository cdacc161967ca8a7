// The inside of a bracket class of Ruby's expressions ("a-z\t=", as in [a-z\t=]) as a set of bytes,
// so that filters whose options are such classes needn't run an expression. Immutable.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

namespace penstock {

class CharClass {
 public:
  // Empty when the class is more than ASCII letters, ranges of them and simple escapes (negation,
  // named classes, intersections), or faulty: then only an expression will do.
  static std::optional<CharClass> parse(std::string_view inside);

  bool contains(char c) const { return set_[static_cast<unsigned char>(c)]; }

 private:
  std::bitset<256> set_;
};

}  // namespace penstock
