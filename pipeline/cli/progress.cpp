#include "pipeline/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace penstock {
namespace {

constexpr std::chrono::milliseconds kOnTerminal{250};
constexpr std::chrono::milliseconds kElsewhere{2000};

std::string rate_text(double events) {
  if (events >= 1e6) return fmt::format("{:.2f} M", events / 1e6);
  return events >= 1e4 ? fmt::format("{:.0f} k", events / 1e3) : fmt::format("{:.0f}", events);
}

std::string time_text(double seconds) {
  const auto s = static_cast<uint64_t>(std::max(0.0, seconds));
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                   : fmt::format("{}:{:02}", s / 60, s % 60);
}

}  // namespace

ProgressLine::ProgressLine()
    : terminal_(isatty(STDERR_FILENO) == 1),
      began_(std::chrono::steady_clock::now()),
      written_(began_) {}

void ProgressLine::show(const PipelineList::Pipelines& pipelines, bool last) {
  const auto now = std::chrono::steady_clock::now();
  if (!last && now - written_ < (terminal_ ? kOnTerminal : kElsewhere)) return;
  struct {
    uint64_t read = 0, read_bytes = 0;
  } total;
  Pipeline::Progress progress;
  bool known = true;
  for (const auto& pipeline : pipelines) {
    const Ledger::Line line = pipeline->ledger().total();
    total.read += line.read;
    total.read_bytes += line.read_bytes;
    const Pipeline::Progress own = pipeline->progress();
    known = known && own.total > 0;
    progress.done += own.done;
    progress.total += own.total;
  }
  if (!known) progress.total = 0;
  const double since = std::chrono::duration<double>(now - (last ? began_ : written_)).count();
  const double events = static_cast<double>(total.read - (last ? 0 : events_)) / since;
  const double bytes = static_cast<double>(total.read_bytes - (last ? 0 : bytes_)) / since;
  std::string line = fmt::format("{} events, {} events/s, {:.1f} MB/s", total.read,
                                 rate_text(events), bytes / 1e6);
  if (progress.total > 0) {
    const double part =
        std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
    const double passed = std::chrono::duration<double>(now - began_).count();
    line = fmt::format("{:3.0f} %  {}", last ? 100 : part * 100, line);
    if (!last && part > 0.01) line += fmt::format(", {} left", time_text(passed / part - passed));
  }
  if (last)
    line +=
        fmt::format(", {} in all", time_text(std::chrono::duration<double>(now - began_).count()));
  std::fprintf(stderr, terminal_ ? "\r\033[K  %s%s" : "  %s%s", line.c_str(),
               terminal_ && !last ? "" : "\n");
  events_ = total.read;
  bytes_ = total.read_bytes;
  written_ = now;
}

}  // namespace penstock
