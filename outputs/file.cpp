#include "outputs/file.h"

#include <charconv>
#include <unordered_map>

#include "outputs/file/open_files.h"
#include "outputs/file/target_path.h"
#include "pipeline/config/declare.h"
#include "pipeline/plugin/registry.h"

namespace penstock {
namespace {

using file_output_parts::FileSettings;
using file_output_parts::OpenFiles;
using file_output_parts::SharedDelivery;
using file_output_parts::TargetPath;

// Paths that one batch's rows may be spread over before they are written.
constexpr size_t kPathsPerBatchMax = 1024;

constexpr std::string_view kBehaviors[] = {"append", "overwrite"};

constexpr Option kOptions[] = {
    {"create_if_deleted", OptionType::boolean, "true",
     "Makes a deleted file again; otherwise its events go to the failure file."},
    {"dir_mode", OptionType::integer, "-1",
     "Permissions of folders that are made; -1 is the system's default. 0750 is read as octal."},
    {"file_mode", OptionType::integer, "-1",
     "Permissions of files that are made; -1 is the system's default. 0640 is read as octal."},
    {"filename_failure", OptionType::string, "_filepath_failures",
     "File, in the fixed folder of the path, for events whose own path can't be used."},
    differing({"flush_interval", OptionType::duration, "2",
               "How long a gzip block may wait for more events. Plain files are written at once."},
              "it concerns gzip only: plain files are written at once"),
    {"gzip", OptionType::boolean, "false", "Compresses what is written."},
    {"message_format",
     OptionType::string,
     "",
     "Text of an event.",
     false,
     {},
     "use `codec => line { format => ... }`"},
    {"path", OptionType::string, "",
     "The file; may hold `%{...}` and dates after its first folder.", true},
    differing({"stale_cleanup_interval", OptionType::integer, "10",
               "Accepted for Logstash's sake: files that nobody writes to are closed in time."},
              "it has no effect: files are closed in time"),
    {"write_behavior", OptionType::choice, "append",
     "append, or overwrite: only the most recent event is in the file.", false, kBehaviors},
};

class FileLane : public Lane {
 public:
  FileLane(OpenFiles& files, TargetPath path, std::unique_ptr<Encoder> encoder, bool overwrite)
      : files_(files),
        path_(std::move(path)),
        encoder_(std::move(encoder)),
        overwrite_(overwrite) {}

  void write(const Batch& batch, Rows rows, Delivery delivery) override {
    const auto shared = std::make_shared<SharedDelivery>(std::move(delivery));
    for (const Row row : rows) {
      const std::string& path = path_.of(batch[row]);
      ByteBuffer& bytes = buffer_for(path, shared);
      if (overwrite_) bytes.clear();
      encoder_->encode(batch[row], bytes);
    }
    send(shared);
  }
  bool pending() const override { return files_.pending(); }
  void tick(std::chrono::steady_clock::time_point now) override { files_.tick(now); }
  void finish() override { files_.flush_all(); }

 private:
  ByteBuffer& buffer_for(const std::string& path, const std::shared_ptr<SharedDelivery>& shared) {
    // Neighbours mostly go to the same file.
    if (last_ && last_->first == path) return last_->second;
    if (buffers_.size() >= kPathsPerBatchMax && !buffers_.count(path)) send(shared);
    last_ = &*buffers_.try_emplace(path).first;
    return last_->second;
  }

  void send(const std::shared_ptr<SharedDelivery>& shared) {
    for (auto& [path, bytes] : buffers_)
      if (!bytes.empty()) files_.write(path, bytes.view(), shared);
    // One path is the rule: its buffer is kept.
    if (buffers_.size() == 1) {
      buffers_.begin()->second.clear();
      return;
    }
    buffers_.clear();
    last_ = nullptr;
  }

  OpenFiles& files_;
  TargetPath path_;
  std::unique_ptr<Encoder> encoder_;
  bool overwrite_;
  std::unordered_map<std::string, ByteBuffer> buffers_;
  std::pair<const std::string, ByteBuffer>* last_ = nullptr;
};

class FileOutput : public Output {
 public:
  FileOutput(const Settings& settings, CodecChoice codec, FileSettings files)
      : settings_(settings),
        codec_(std::move(codec)),
        overwrite_(files.overwrite),
        files_(std::move(files)) {}

  Status start() override { return ok_status(); }

  Result<std::unique_ptr<Lane>> open_lane(const Context& context) override {
    TRY(auto encoder, codec_.plugin->make_encoder(codec_.settings, codec_.context(context)));
    TRY(auto path,
        TargetPath::parse(settings_.string("path"), settings_.string("filename_failure")));
    return std::unique_ptr<Lane>(
        std::make_unique<FileLane>(files_, std::move(path), std::move(encoder), overwrite_));
  }

  void stop(std::chrono::milliseconds) override { files_.stop(); }

  void register_metrics(const Context& context) {
    if (!context.metrics) return;
    MetricScope& scope = *context.metrics;
    OpenFiles::Metrics& m = files_.metrics();
    scope.gauge("files_open", "Files open now.", {},
                [&m] { return static_cast<double>(m.open.value()); });
    scope.gauge("waiting", "1 while a write waits for the disk.", {},
                [&m] { return static_cast<double>(m.waiting.value()); });
    scope.counter("bytes_written", "Bytes written to files.", {}, m.bytes);
    scope.counter("write_errors", "Writes that failed and were tried again.", {}, m.errors);
    scope.counter("misdirected", "Writes that went to the failure file.", {}, m.misdirected);
  }

 private:
  Settings settings_;
  CodecChoice codec_;
  bool overwrite_;
  OpenFiles files_;
};

// "0640" is octal, as in a shell; "-1" and decimal numbers are as they stand.
int mode_of(const Settings& settings, std::string_view option) {
  const std::string text = settings.string(option);
  int mode = -1;
  std::from_chars(text.data(), text.data() + text.size(), mode, text.starts_with('0') ? 8 : 10);
  return mode;
}

Result<std::unique_ptr<Output>> make_file(const Settings& settings, const Context& context) {
  auto path = TargetPath::parse(settings.string("path"), settings.string("filename_failure"));
  if (!path.ok()) return settings.error("path", path.error().message);
  TRY(CodecChoice codec, choose_codec(settings, "codec", "json_lines", *context.registry));
  if (!codec.plugin->make_encoder) return settings.error("codec", "this codec can't write events");
  FileSettings files;
  files.gzip = settings.boolean("gzip");
  files.create_if_deleted = settings.boolean("create_if_deleted");
  files.overwrite = settings.string("write_behavior") == "overwrite";
  files.folder_mode = mode_of(settings, "dir_mode");
  files.file_mode = mode_of(settings, "file_mode");
  files.flush_interval = std::chrono::milliseconds(settings.milliseconds("flush_interval"));
  files.failure_path = path.value().failure_path();
  auto output = std::make_unique<FileOutput>(settings, std::move(codec), std::move(files));
  output->register_metrics(context);
  return std::unique_ptr<Output>(std::move(output));
}

}  // namespace

OutputPlugin file_output() { return {{"file", "Writes events to files.", kOptions}, make_file}; }

}  // namespace penstock
