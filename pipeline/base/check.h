// CHECK(condition, "text"): a bug in Penstock, never bad input. On in every build, aborts with the
// place and the text. DCHECK is the same in Debug builds and nothing in Release.
#pragma once

namespace penstock {

[[noreturn]] void check_failed(const char* condition, const char* file, int line, const char* text);

}  // namespace penstock

#define CHECK(condition, text)                                        \
  do {                                                                \
    if (!(condition)) [[unlikely]]                                    \
      ::penstock::check_failed(#condition, __FILE__, __LINE__, text); \
  } while (false)

#ifdef NDEBUG
#define DCHECK(condition, text) \
  do {                          \
  } while (false)
#else
#define DCHECK(condition, text) CHECK(condition, text)
#endif
