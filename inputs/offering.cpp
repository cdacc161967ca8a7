#include "inputs/offering.h"

#include "pipeline/plugin/registry.h"

namespace penstock {

bool Offering::offer(Records& records, AckToken token, Numbering numbering) {
  if (records.empty()) return true;
  auto parcel = std::make_unique<Parcel>();
  std::swap(parcel->records, records);
  parcel->origin = origin_;
  parcel->token = std::move(token);
  parcel->numbering = numbering;
  while (!intake_.offer(input_, parcel))
    if (!wait()) return false;
  std::lock_guard lock(mutex_);
  return !stopped_;
}

bool Offering::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return resumed_ || stopped_; });
  resumed_ = false;
  return !stopped_;
}

void Offering::resume() {
  std::lock_guard lock(mutex_);
  resumed_ = true;
  changed_.notify_one();
}

void Offering::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

Result<std::unique_ptr<Framer>> make_line_framer(const Settings& settings,
                                                 std::string_view fallback,
                                                 const Context& context) {
  TRY(CodecChoice choice, choose_codec(settings, "codec", fallback, *context.registry));
  if (choice.plugin->make_framer) {
    TRY(auto framer, choice.plugin->make_framer(choice.settings, choice.context(context)));
    if (framer) return framer;
  }
  const CodecPlugin* line = context.registry->codec("line");
  if (!line) return settings.error("codec", "the codec has no framing and there is no `line`");
  PluginNode node;
  node.name = "line";
  Errors errors;
  const Settings defaults = Settings::check(PluginKind::codec, line->info, node, errors);
  return line->make_framer(defaults, context);
}

}  // namespace penstock
