// The framer joins lines: it asks of each line whether it belongs to the one before or after, and
// lets the lines held so far go when it doesn't. What the decoder must know of a record (how many
// lines, whether a limit was reached) it reads off the record itself.
#include "codecs/multiline.h"

#include <algorithm>
#include <limits>

#include "codecs/text_events.h"
#include "pipeline/base/regex.h"
#include "pipeline/base/text.h"
#include "pipeline/config/declare.h"
#include "pipeline/patterns/dictionary.h"
#include "pipeline/patterns/files.h"
#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

constexpr std::string_view kWhat[] = {"previous", "next"};
constexpr int64_t kLinesMax = 1'000'000;
// A record is one event, so the joined lines can't be longer than a record.
constexpr int64_t kBytesMax = static_cast<int64_t>(limits::kRecordBytesMax) - 1;

constexpr int64_t kFlushMsMax = 24LL * 3600 * 1000;

constexpr Option kOptions[] = {
    {"pattern", OptionType::string, "",
     "A regular expression, with grok patterns, that lines are asked for.", true},
    {"what", OptionType::choice, "",
     "To which line a matching one belongs: the previous or the next.", true, kWhat},
    {"negate", OptionType::boolean, "false",
     "Whether it is the lines that don't match that belong to another."},
    {"patterns_dir", OptionType::strings, "[ ]", "Folders or files with grok patterns."},
    kCharsetOption,
    {"multiline_tag", OptionType::string, "multiline",
     "The tag of events of more than one line; none when empty."},
    {"max_lines", OptionType::integer, "500",
     "An event of more lines is let go and tagged multiline_codec_max_lines_reached."},
    {"max_bytes", OptionType::bytes, "10 MiB",
     "An event of as many bytes is let go and tagged multiline_codec_max_bytes_reached."},
    {"auto_flush_interval", OptionType::duration, "",
     "Seconds without a new line after which the last event is let go; unset, it waits for the "
     "next line or the stream's end."},
};

struct Limits {
  size_t lines, bytes;
};

Result<Limits> read_limits(const Settings& settings) {
  const int64_t lines = settings.integer("max_lines"), bytes = settings.bytes("max_bytes");
  if (lines < 1 || lines > kLinesMax)
    return settings.error("max_lines", "must be 1 to " + std::to_string(kLinesMax));
  if (bytes < 1 || bytes > kBytesMax)
    return settings.error("max_bytes", "must be 1 to " + std::to_string(kBytesMax));
  return Limits{static_cast<size_t>(lines), static_cast<size_t>(bytes)};
}

// What a line says of its neighbours. Shared by the streams of an input.
struct Rule {
  std::shared_ptr<const Regex> regex;
  bool negate, next;
  Limits limits;
  std::chrono::milliseconds flush_after;  // 0: never
};

class MultilineFramer : public Framer {
 public:
  MultilineFramer(Rule rule, Charset charset)
      : rule_(std::move(rule)), charset_(std::move(charset)) {}

  void feed(const Bytes& chunk, Records& out) override {
    Records lines;
    lines_.feed(chunk, lines);
    take(lines, 1, out);
  }

  void finish(Records& out) override {
    Records lines;
    lines_.finish(lines);
    take(lines, 0, out);
    let_go(out);
  }

  void tick(std::chrono::steady_clock::time_point now, Records& out) override {
    if (std::exchange(fed_, false)) last_fed_ = now;
    if (count_ > 0 && now - last_fed_ >= rule_.flush_after) let_go(out);
  }
  bool wants_tick() const override { return rule_.flush_after.count() > 0; }

  size_t pending_bytes() const override { return raw_bytes_ + lines_.pending_bytes(); }

 private:
  // `end_bytes`: of what ended each line.
  void take(Records& lines, size_t end_bytes, Records& out) {
    for (const std::string_view line : lines.views) {
      const bool joins = matches(line) != rule_.negate;
      if (!rule_.next && !joins) let_go(out);
      hold(line, end_bytes);
      // A cut line's bytes in the stream aren't known, so it is never held.
      if ((rule_.next && !joins) || over_limits() || is_cut_record(line)) let_go(out);
    }
    fed_ = fed_ || !lines.views.empty();
  }

  bool matches(std::string_view line) {
    const bool convert = !charset_.is_utf8() || !is_utf8(line);
    if (convert) line = charset_.convert(line, arena_);
    const bool found = rule_.regex->search(line, match_) == Regex::Outcome::match;
    if (convert) arena_.reset();
    return found;
  }

  void hold(std::string_view line, size_t end_bytes) {
    if (count_++ > 0) held_.push_back('\n');
    held_.append(
        line.substr(0, limits::kRecordBytesMax - std::min(held_.size(), limits::kRecordBytesMax)));
    bytes_ += line.size();
    raw_bytes_ += line.size() + end_bytes;
  }

  bool over_limits() const { return count_ > rule_.limits.lines || bytes_ >= rule_.limits.bytes; }

  void let_go(Records& out) {
    if (count_ == 0) return;
    out.add_copy(held_.view());
    held_.clear();
    if (held_.capacity() > kKeepBytes) held_ = ByteBuffer();
    count_ = bytes_ = raw_bytes_ = 0;
  }

  static constexpr size_t kKeepBytes = 64 << 10;

  Rule rule_;
  Charset charset_;
  LineFramer lines_;
  Regex::Match match_;
  Arena arena_;           // of one line's conversion
  ByteBuffer held_;       // lines joined
  size_t count_ = 0;      // of them
  size_t bytes_ = 0;      // of them, without what ends them
  size_t raw_bytes_ = 0;  // of them in the stream
  bool fed_ = false;      // since the last tick
  std::chrono::steady_clock::time_point last_fed_{};
};

class MultilineDecoder : public Decoder {
 public:
  MultilineDecoder(std::unique_ptr<Decoder> text, std::string tag, Limits limits)
      : text_(std::move(text)), tag_(std::move(tag)), limits_(limits) {}

  void decode(std::string_view record, Batch& out) override {
    const Row row = out.size();
    text_->decode(record, out);
    const auto ends = static_cast<size_t>(std::count(record.begin(), record.end(), '\n'));
    if (ends > 0 && !tag_.empty()) out[row].tag(tag_);
    if (record.size() - ends >= limits_.bytes) out[row].tag("multiline_codec_max_bytes_reached");
    if (ends >= limits_.lines) out[row].tag("multiline_codec_max_lines_reached");
  }

 private:
  std::unique_ptr<Decoder> text_;
  std::string tag_;
  Limits limits_;
};

Result<std::shared_ptr<const Regex>> compile_pattern(const Settings& settings,
                                                     const Context& context) {
  const GrokSet set = context.ecs == Ecs::disabled ? GrokSet::legacy : GrokSet::ecs_v1;
  GrokDictionary dictionary(&GrokDictionary::stock(set));
  for (const std::string& path : settings.strings("patterns_dir"))
    if (const Status read = add_pattern_files(path, "*", dictionary); !read.ok())
      return settings.error("patterns_dir", read.error().message);
  const auto expanded = dictionary.expand(settings.string("pattern"), true);
  if (!expanded.ok()) return settings.error("pattern", expanded.error().message);
  auto regex = Regex::compile(expanded.value());
  if (!regex.ok()) return settings.error("pattern", regex.error().message);
  return regex;
}

// The expression, compiled for the first of an input's streams.
Result<std::shared_ptr<const Regex>> pattern_of(const Settings& settings, const Context& context) {
  std::string key = context.ecs == Ecs::disabled ? "multiline/legacy" : "multiline/ecs";
  for (const std::string& path : settings.strings("patterns_dir")) key.append("\n").append(path);
  key.append("\n\n").append(settings.string("pattern"));
  return context.resources->get<Regex>(key, [&] { return compile_pattern(settings, context); });
}

Result<std::unique_ptr<Framer>> make_framer(const Settings& settings, const Context& context) {
  Rule rule;
  TRY(rule.regex, pattern_of(settings, context));
  TRY(rule.limits, read_limits(settings));
  rule.negate = settings.boolean("negate");
  rule.next = settings.string("what") == "next";
  const int64_t flush_ms =
      settings.has("auto_flush_interval") ? settings.milliseconds("auto_flush_interval") : 0;
  if (flush_ms < 0 || flush_ms > kFlushMsMax)
    return settings.error("auto_flush_interval", "must be 0 seconds to a day");
  rule.flush_after = std::chrono::milliseconds(flush_ms);
  TRY(Charset charset, Charset::open(settings));
  return std::unique_ptr<Framer>(
      std::make_unique<MultilineFramer>(std::move(rule), std::move(charset)));
}

Result<std::unique_ptr<Decoder>> make_decoder(const Settings& settings, const Context& context) {
  TRY(const Limits limits, read_limits(settings));
  TRY(auto text, make_text_decoder(settings, context));
  return std::unique_ptr<Decoder>(std::make_unique<MultilineDecoder>(
      std::move(text), settings.string("multiline_tag"), limits));
}

}  // namespace

CodecPlugin multiline_codec() {
  return {{"multiline",
           "Joins lines that belong together, like those of a stack trace, to one event.", kOptions,
           "The event's time is when its lines were joined, not when the first one was read."},
          make_framer,
          make_decoder};
}

}  // namespace penstock
