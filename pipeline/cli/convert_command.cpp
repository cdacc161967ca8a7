#include "pipeline/cli/convert_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pipeline/cli/compat_command.h"
#include "pipeline/cli/options.h"
#include "pipeline/convert/filebeat.h"

namespace penstock {
namespace {

struct Arguments {
  std::string file, out;
};

bool parse(const std::vector<std::string>& given, Arguments& out, int& code) {
  CLI::App app{"Writes the pipeline that does what Filebeat does.", "penstock convert"};
  app.add_option("FILE", out.file, "filebeat.yml")->required();
  app.add_option("-o,--output", out.out, "Write it there instead of to standard output")
      ->type_name("FILE");
  app.footer(
      "Exit codes: 0 all of it is carried over, 3 something differs, 5 something isn't there\n"
      "(comments at the top say what), 1 the file can't be read, 2 bad usage.");
  try {  // the one place where the library's exceptions end
    app.parse(std::vector<std::string>(given.rbegin(), given.rend()));
  } catch (const CLI::ParseError& error) {
    code = app.exit(error) == 0 ? kExitOk : kExitBadUsage;
    return false;
  }
  return true;
}

int fail(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return kExitBadConfig;
}

}  // namespace

int convert_command(const std::vector<std::string>& given) {
  Arguments arguments;
  int code = kExitOk;
  if (!parse(given, arguments, code)) return code;
  std::ifstream in(arguments.file, std::ios::binary);
  if (!in) return fail(arguments.file + ": cannot open");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const auto made = convert_filebeat(text, arguments.file);
  if (!made.ok()) return fail(made.error().text());
  const Conversion& conversion = made.value();
  if (arguments.out.empty())
    std::fputs(conversion.config.c_str(), stdout);
  else if (!(std::ofstream(arguments.out, std::ios::binary) << conversion.config).flush())
    return fail(arguments.out + ": cannot write");
  const auto& notes = conversion.notes;
  const bool lacks = std::any_of(notes.begin(), notes.end(),
                                 [](const ConversionNote& note) { return note.unsupported; });
  return lacks ? kExitUnsupported : notes.empty() ? kExitOk : kExitDiffers;
}

}  // namespace penstock
