#include "pipeline/cli/test_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pipeline/base/log.h"
#include "pipeline/cli/options.h"
#include "pipeline/cli/terminal.h"
#include "pipeline/rehearsal/test_file.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".test";

struct Arguments {
  std::vector<std::string> paths;
  std::string junit;
  std::string only;  // a part of the name of cases
  bool verbose = false;
};

struct CaseResult {
  std::string name;
  double milliseconds = 0;
  std::vector<Mismatch> mismatches;
  std::string error;  // it couldn't run
  bool failed() const { return !error.empty() || !mismatches.empty(); }
};

struct FileResult {
  std::string path;
  std::string error;  // the file or its configuration is wrong
  std::vector<CaseResult> cases;
};

std::string texts_of(const Errors& errors) {
  std::string out;
  for (const Error& error : errors) out += (out.empty() ? "" : "\n") + error.text();
  return out;
}

// The test files at a path: itself, or all below a folder.
std::vector<std::string> files_at(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {path};
  std::vector<std::string> out;
  for (fs::recursive_directory_iterator at(path, ignored), end; at != end; at.increment(ignored))
    if (at->is_regular_file(ignored) && at->path().extension() == kSuffix)
      out.push_back(at->path().string());
  std::sort(out.begin(), out.end());
  return out;
}

std::string unknown_name(const TestCase& test, const Rehearsal& rehearsal) {
  for (const Feed& feed : test.feeds)
    if (!feed.lines.empty() && !rehearsal.has_input(feed.input))
      return "the configuration has no input `" + feed.input + "`";
  std::vector<std::string> names = test.nothing;
  for (const Expectation& expected : test.expected) names.push_back(expected.output);
  for (const std::string& name : names)
    if (!name.empty() && rehearsal.outputs(name).empty())
      return "the configuration has no output `" + name + "`";
  return "";
}

CaseResult run_case(const TestFile& file, const TestCase& test, Rehearsal& rehearsal) {
  CaseResult out;
  out.name = test.name;
  out.error = unknown_name(test, rehearsal);
  if (!out.error.empty()) return out;
  const ManualClock clock(test.clock.value_or(file.clock));
  Outcome outcome;
  Errors errors;
  if (rehearsal.run(test.feeds, clock, nullptr, outcome, errors))
    out.mismatches = compare_all(test.expected, test.nothing, outcome.captured);
  else
    out.error = texts_of(errors);
  out.milliseconds = outcome.milliseconds;
  return out;
}

FileResult run_file(const std::string& path, const Arguments& arguments, const Registry& registry) {
  FileResult out;
  out.path = path;
  TestFile file;
  Errors errors;
  Rehearsal rehearsal(registry);
  if (!read_test_file(path, file, errors) || !rehearsal.load(file.config, file.options, errors)) {
    out.error = texts_of(errors);
    return out;
  }
  for (const TestCase& test : file.cases)
    if (test.name.find(arguments.only) != std::string::npos)
      out.cases.push_back(run_case(file, test, rehearsal));
  return out;
}

void print_mismatch(const Mismatch& mismatch, const Paint& paint) {
  std::printf("      %s\n", mismatch.what.c_str());
  if (!mismatch.expected.empty())
    std::printf("        %s\n", paint(Color::green, "expected " + mismatch.expected).c_str());
  else
    std::printf("        %s\n", paint(Color::green, "expected nothing").c_str());
  std::printf(
      "        %s\n",
      paint(Color::red, mismatch.found.empty() ? "found nothing" : "found    " + mismatch.found)
          .c_str());
}

void print_file(const FileResult& file, bool verbose, const Paint& paint) {
  std::printf("%s\n", file.path.c_str());
  if (!file.error.empty()) std::printf("  %s\n", paint(Color::red, file.error).c_str());
  for (const CaseResult& one : file.cases) {
    if (!one.failed() && !verbose) continue;
    const std::string mark =
        one.failed() ? paint(Color::red, "FAILED") : paint(Color::green, "ok    ");
    std::printf("  %s %s %s\n", mark.c_str(), one.name.c_str(),
                paint(Color::grey, fmt::format("({:.1f} ms)", one.milliseconds)).c_str());
    if (!one.error.empty()) std::printf("      %s\n", one.error.c_str());
    for (const Mismatch& mismatch : one.mismatches) print_mismatch(mismatch, paint);
  }
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (byte >= 0x20 || c == '\n' || c == '\t')
      out += c;
  }
  return out;
}

std::string failure_text(const CaseResult& one) {
  std::string out = one.error;
  for (const Mismatch& mismatch : one.mismatches)
    out += fmt::format("{}{}: expected {}, found {}", out.empty() ? "" : "\n", mismatch.what,
                       mismatch.expected.empty() ? "nothing" : mismatch.expected,
                       mismatch.found.empty() ? "nothing" : mismatch.found);
  return out;
}

// JUnit's XML, as CI servers read it: a suite for each file.
std::string junit_of(const std::vector<FileResult>& files) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const FileResult& file : files) {
    size_t failures = file.error.empty() ? 0 : 1;
    for (const CaseResult& one : file.cases) failures += one.failed() ? 1 : 0;
    out += fmt::format("<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", xml(file.path),
                       file.cases.size() + (file.error.empty() ? 0 : 1), failures);
    if (!file.error.empty())
      out += fmt::format("<testcase name=\"configuration\"><failure>{}</failure></testcase>\n",
                         xml(file.error));
    for (const CaseResult& one : file.cases) {
      out += fmt::format("<testcase classname=\"{}\" name=\"{}\" time=\"{:.4f}\"", xml(file.path),
                         xml(one.name), one.milliseconds / 1000);
      out += one.failed()
                 ? fmt::format("><failure>{}</failure></testcase>\n", xml(failure_text(one)))
                 : "/>\n";
    }
    out += "</testsuite>\n";
  }
  return out + "</testsuites>\n";
}

int finish(const std::vector<FileResult>& files, const Arguments& arguments) {
  size_t cases = 0, failed = 0;
  for (const FileResult& file : files) {
    cases += file.cases.size();
    failed += file.error.empty() ? 0 : 1;
    for (const CaseResult& one : file.cases) failed += one.failed() ? 1 : 0;
  }
  std::printf("%zu case%s, %zu failed\n", cases, cases == 1 ? "" : "s", failed);
  if (!arguments.junit.empty() && !(std::ofstream(arguments.junit) << junit_of(files)).flush()) {
    std::fprintf(stderr, "%s: cannot write\n", arguments.junit.c_str());
    return kExitBadUsage;
  }
  if (cases == 0 && failed == 0) {
    std::fprintf(stderr, "there are no cases: nothing was tested\n");
    return kExitBadUsage;
  }
  return failed ? kExitBadConfig : kExitOk;
}

bool parse(const std::vector<std::string>& given, Arguments& out, int& code) {
  CLI::App app{"Runs the tests of configurations.", "penstock test"};
  app.add_option("PATH", out.paths, "A *.test file, or a folder with such")->required();
  app.add_option("--junit", out.junit, "Write the results there, as JUnit's XML")
      ->type_name("FILE");
  app.add_option("--only", out.only, "Run the cases whose name holds this text")->type_name("TEXT");
  app.add_flag("-v,--verbose", out.verbose, "Show the cases that pass, too");
  app.footer("Exit codes: 0 all pass, 1 some fail, 2 bad usage or no cases.");
  try {  // the one place where the library's exceptions end
    app.parse(std::vector<std::string>(given.rbegin(), given.rend()));
  } catch (const CLI::ParseError& error) {
    code = app.exit(error) == 0 ? kExitOk : kExitBadUsage;
    return false;
  }
  return true;
}

}  // namespace

int test_command(const std::vector<std::string>& given, const Registry& registry) {
  Arguments arguments;
  int code = kExitOk;
  if (!parse(given, arguments, code)) return code;
  // The same result wherever it runs.
  if (!std::getenv("TZ")) setenv("TZ", "UTC", 1);
  log::configure(log::Level::error, log::Format::plain);
  const Paint paint(wants_color());
  std::vector<FileResult> files;
  for (const std::string& path : arguments.paths)
    for (const std::string& file : files_at(path)) {
      files.push_back(run_file(file, arguments, registry));
      print_file(files.back(), arguments.verbose, paint);
    }
  return finish(files, arguments);
}

}  // namespace penstock
