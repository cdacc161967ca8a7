#include "pipeline/base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <ctime>

namespace penstock::log {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"trace", "debug", "info",
                                                    "warn",  "error", "fatal"};

std::atomic<Level> g_level{Level::info};
std::atomic<Format> g_format{Format::plain};
std::atomic<std::string (*)(std::string_view)> g_scrub{nullptr};

std::string now_text() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  std::tm parts{};
  gmtime_r(&t.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     t.tv_nsec / 1'000'000);
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
}

// Control characters could forge lines or drive a terminal.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += (static_cast<unsigned char>(c) < 0x20 && c != '\t') ? ' ' : c;
  return out;
}

}  // namespace

void configure(Level level, Format format) {
  g_level.store(level, std::memory_order_relaxed);
  g_format.store(format, std::memory_order_relaxed);
}

void set_scrubber(std::string (*scrub)(std::string_view)) {
  g_scrub.store(scrub, std::memory_order_relaxed);
}

bool parse_level(std::string_view name, Level& level) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] != name) continue;
    level = static_cast<Level>(i);
    return true;
  }
  return false;
}

bool enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view source, std::string_view message) {
  std::string scrubbed;
  if (auto* scrub = g_scrub.load(std::memory_order_relaxed)) {
    scrubbed = scrub(message);
    message = scrubbed;
  }
  const std::string_view name = kNames[static_cast<size_t>(level)];
  std::string line;
  if (g_format.load(std::memory_order_relaxed) == Format::json) {
    line = fmt::format(R"({{"@timestamp":"{}","log.level":"{}","log.logger":"{}","message":")",
                       now_text(), name, source);
    append_escaped(line, message);
    line += "\"}\n";
  } else {
    line = fmt::format("[{}][{:<5}][{}] {}\n", now_text(), name, source, one_line(message));
  }
  // A log that can't be written has nowhere to say so.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace penstock::log
