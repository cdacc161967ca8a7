// The commands that find_shell() knows, and how far each name may be believed. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace penstock::threat {

// How much a command's name needs beside it to be believed.
enum class ShellCommand : uint8_t {
  sure,    // no word of any language: whoami, wget, ifconfig
  short_,  // id, ls, ps: needs an end, an option or a path
  word,    // also English (cat, sleep, type): needs an argument that looks like one
};

// Three letters tell most words apart from all commands. Only for letters: other bytes may be a
// disguise that the scan takes off, so for them this is false.
bool begins_no_command(char a, char b, char c);

// Null for what is no command. `name` is in lower case.
const ShellCommand* find_shell_command(const std::string& name);

}  // namespace penstock::threat
