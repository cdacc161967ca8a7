#include "inputs/file/options.h"

#include "pipeline/config/declare.h"

#include <fmt/format.h>

#include <algorithm>

namespace penstock::file {
namespace {

constexpr std::string_view kModes[] = {"tail", "read"};
constexpr std::string_view kPositions[] = {"beginning", "end"};
constexpr std::string_view kActions[] = {"delete", "log", "log_and_delete"};
constexpr std::string_view kSorts[] = {"last_modified", "path"};
constexpr std::string_view kDirections[] = {"asc", "desc"};

constexpr Option kOptions[] = {
    {"check_archive_validity", OptionType::boolean, "false",
     "Reads a gzip file through once before its first record is taken, and skips a damaged one."},
    {"close_older", OptionType::duration, "1 hour",
     "Closes a file that nothing was read from for this long; it is opened again when it grows."},
    {"delimiter", OptionType::string, "\"\n\"", "What ends each record."},
    {"discover_interval", OptionType::integer, "15",
     "Looks for new files after this many `stat_interval`s (and at once when the system tells)."},
    {"exclude", OptionType::strings, "", "Patterns of file names, not paths, to leave out."},
    {"exit_after_read", OptionType::boolean, "false",
     "In read mode: the input ends when every file has been read."},
    {"file_chunk_count", OptionType::integer, "4611686018427387903",
     "Chunks to read from one file before the next file has its turn."},
    differing({"file_chunk_size", OptionType::bytes, "32768",
               "Recognized for Logstash's sake; chunks are 256 KiB here."},
              "it has no effect: chunks are 256 KiB"),
    {"file_completed_action", OptionType::choice, "delete",
     "In read mode, what happens to a file when all of its events have been delivered.", false,
     kActions},
    {"file_completed_log_path", OptionType::string, "",
     "File that the paths of completed files are appended to; for the actions that log."},
    {"file_sort_by", OptionType::choice, "last_modified", "Which files are read first.", false,
     kSorts},
    {"file_sort_direction", OptionType::choice, "asc", "Oldest, or first by name, first.", false,
     kDirections},
    {"ignore_older", OptionType::duration, "",
     "Leaves out files that were last changed longer ago than this when they are found."},
    {"max_open_files", OptionType::integer, "4095", "Files that may be open at one time."},
    {"mode", OptionType::choice, "tail",
     "tail: follow files as they grow; read: read each file once, to its end. Only read mode reads "
     "gzip files.",
     false, kModes},
    {"path", OptionType::strings, "",
     "The files: absolute paths, with * ? [a-z] {a,b} and ** for any number of folders.", true},
    {"sincedb_clean_after", OptionType::duration, "\"14 days\"",
     "Forgets a file's position when it has not changed for this long. A plain number is days."},
    {"sincedb_path", OptionType::string, "",
     "The file that keeps the positions. Unset: one under path.data. /dev/null: keep none."},
    {"sincedb_write_interval", OptionType::duration, "15 seconds",
     "How often the positions are written."},
    {"start_position", OptionType::choice, "end",
     "Where a file that is there at the first start is read from, in tail mode.", false,
     kPositions},
    {"stat_interval", OptionType::duration, "1 second",
     "How often files are looked at for changes the system did not tell of."},
};

std::chrono::milliseconds time_of(const Settings& settings, std::string_view option) {
  return std::chrono::milliseconds(settings.has(option) ? settings.milliseconds(option) : 0);
}

// FNV-1a: only to name the registry after the patterns.
uint64_t hash_text(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

std::string default_registry(const FileOptions& options, const Context& context) {
  std::string joined = context.pipeline_id;
  for (const std::string& pattern : options.patterns) joined += "," + pattern;
  return fmt::format("{}/plugins/inputs/file/{:016x}.registry", context.path_data,
                     hash_text(joined));
}

Status check_together(const Settings& settings, const FileOptions& options) {
  for (const std::string& pattern : options.patterns)
    if (pattern.empty() || pattern[0] != '/')
      return settings.error("path", "must be absolute, got `" + pattern + "`");
  if (options.delimiter.empty()) return settings.error("delimiter", "must not be empty");
  if (options.log_completed && options.mode == Mode::read && options.completed_log_path.empty())
    return settings.error("file_completed_action",
                          "needs `file_completed_log_path` to log completed files to");
  return ok_status();
}

}  // namespace

std::span<const Option> file_option_list() { return kOptions; }

Result<FileOptions> read_file_options(const Settings& settings, const Context& context) {
  FileOptions o;
  o.patterns = settings.strings("path");
  o.exclude = settings.strings("exclude");
  o.mode = settings.string("mode") == "read" ? Mode::read : Mode::tail;
  o.start_at_end = o.mode == Mode::tail && settings.string("start_position") == "end";
  o.delimiter = settings.string("delimiter");
  o.registry_path =
      settings.has("sincedb_path") ? settings.string("sincedb_path") : default_registry(o, context);
  o.stat_interval = std::max(time_of(settings, "stat_interval"), std::chrono::milliseconds(10));
  o.discover_interval =
      o.stat_interval * std::clamp<int64_t>(settings.integer("discover_interval"), 1, 1'000'000);
  o.write_interval =
      std::max(time_of(settings, "sincedb_write_interval"), std::chrono::milliseconds(10));
  o.close_older = time_of(settings, "close_older");
  o.ignore_older = time_of(settings, "ignore_older");
  o.clean_after_seconds = settings.milliseconds("sincedb_clean_after") / 1000;
  // Logstash counts this one in days where the others count in seconds.
  if (settings.is_given("sincedb_clean_after")) {
    const std::string text = settings.string("sincedb_clean_after");
    if (text.find_first_not_of("0123456789.") == text.npos) o.clean_after_seconds *= 86'400;
  }
  o.open_files_max = static_cast<size_t>(std::max<int64_t>(settings.integer("max_open_files"), 1));
  o.exit_after_read = o.mode == Mode::read && settings.boolean("exit_after_read");
  const std::string action = settings.string("file_completed_action");
  o.log_completed = action != "delete";
  o.delete_completed = action != "log";
  o.completed_log_path = settings.string("file_completed_log_path");
  o.sort_by = settings.string("file_sort_by") == "path" ? SortBy::path : SortBy::last_modified;
  o.descending = settings.string("file_sort_direction") == "desc";
  o.chunks_per_turn =
      static_cast<uint64_t>(std::max<int64_t>(settings.integer("file_chunk_count"), 1));
  o.check_archives = settings.boolean("check_archive_validity");
  TRY_STATUS(check_together(settings, o));
  return o;
}

}  // namespace penstock::file
