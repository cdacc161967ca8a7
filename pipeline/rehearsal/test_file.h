// A `*.test` file: cases for the configuration beside it (docs/TESTING_CONFIGS.md). Read once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/rehearsal/expectation.h"

namespace penstock {

struct TestCase {
  std::string name;
  Where where;
  std::vector<Feed> feeds;
  std::optional<Instant> clock;
  std::vector<Expectation> expected;
  std::vector<std::string> nothing;  // outputs that are to get no event
};

struct TestFile {
  std::string path;
  std::string config;  // a file, folder or pattern
  RehearsalOptions options;
  Instant clock;  // of cases that name none
  std::vector<TestCase> cases;
};

// Files larger than this are none.
inline constexpr size_t kTestFileBytesMax = size_t{16} << 20;

// False when errors were added.
bool read_test_file(const std::string& path, TestFile& out, Errors& errors);
bool parse_test_file(const std::string& text, const std::string& path, TestFile& out,
                     Errors& errors);

}  // namespace penstock
