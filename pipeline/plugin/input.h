// Input: reads bytes, frames records, offers parcels. Works on its own EventLoop thread; decoding
// happens on the workers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "pipeline/base/result.h"
#include "pipeline/config/settings.h"
#include "pipeline/plugin/ack.h"
#include "pipeline/plugin/codec.h"
#include "pipeline/plugin/context.h"
#include "pipeline/plugin/parcel.h"

namespace penstock {

class Input;

// The way into the ring. Any thread.
class Intake {
 public:
  virtual ~Intake() = default;
  // True: taken, `parcel` is null now, its records are counted in the ledger. False: full, keep it
  // and stop reading; resume() follows as soon as there is room.
  virtual bool offer(Input& input, std::unique_ptr<Parcel>& parcel) = 0;
  // The input has reached its end and will offer no more (standard input closed, count reached).
  virtual void finished(Input& input) = 0;
};

class Input : public Settler {
 public:
  // The index of the input in its pipeline goes into every Origin it makes.
  virtual Status start(Intake& intake, uint32_t index) = 0;
  virtual void resume() = 0;  // any thread: the intake has room again
  // No offer after it returns. Verdicts still arrive.
  virtual void stop() = 0;
  // After the last verdict: write down what settled (file positions).
  virtual void checkpoint() {}
  // Whether checkpoint() writes down where the next input with these settings goes on: on a reload
  // that one waits until everything is settled.
  virtual bool keeps_position() const { return false; }
  // For the progress display; any thread. Bytes of the source that were read so far, and in all
  // when the input knows its end (files that are read once).
  virtual uint64_t bytes_done() const { return 0; }
  virtual std::optional<uint64_t> bytes_total() const { return std::nullopt; }
};

struct InputPlugin {
  PluginInfo info;
  std::string_view default_codec;  // "plain", "line", ...
  Result<std::unique_ptr<Input>> (*make)(const Settings&, const Context&) = nullptr;
  // Set when the records are no codec's business: what the workers decode them with. The default
  // codec is empty then.
  Result<std::unique_ptr<Decoder>> (*make_decoder)(const Settings&, const Context&) = nullptr;
  // The address on which it takes events of other pipelines of the process. Null: it reads from
  // outside.
  std::string (*listens_on)(const Settings&) = nullptr;
};

}  // namespace penstock
