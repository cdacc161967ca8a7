// Worker: a thread that takes parcels from the ring, decodes them, runs the program over the batch
// and settles it. It owns one batch, which stays warm; it sleeps when there is nothing to do.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/flow/common_options.h"
#include "pipeline/flow/intake.h"
#include "pipeline/flow/open_batches.h"
#include "pipeline/flow/program.h"
#include "pipeline/plugin/codec.h"

namespace penstock {

// What a worker needs of one input.
struct WorkerInput {
  std::unique_ptr<Decoder> decoder;
  CommonOptions common;
  StepCounters* decoding = nullptr;  // in: bytes; out: events
};

class Worker {
 public:
  struct Options {
    uint32_t number = 0;
    uint32_t batch_size = 125;  // events; a batch takes whole parcels until it has this many
    const Clock* clock = &Clock::system();
  };

  Worker(RingIntake& intake, OpenBatches& open, std::vector<WorkerInput> inputs,
         std::unique_ptr<Program> program, Options options);
  ~Worker();  // REQUIRES: join() was called when start() was

  // `ended` is called on the worker's thread when, after RingIntake::close() and an empty ring, or
  // after leave(), the filters and lanes are finished.
  void start(std::function<void()> ended);
  // Others take over the ring: this one takes no further parcel, finishes what it has, and ends.
  // Followed by RingIntake::wake_workers(). Main thread.
  void leave() { leaving_.store(true, std::memory_order_seq_cst); }
  // Returns when, after leave(), it is certain that no parcel will be taken any more; at once, but
  // for one that is just being taken.
  void wait_off_ring() const;
  void join();

  const Program& program() const { return *program_; }
  const Counter& batches() const { return batches_; }

 private:
  void run();
  bool fill();
  std::unique_ptr<Parcel> try_take();
  void decode(Parcel& parcel);
  void number(Row from, const FieldRef& field, int64_t number);
  void complete(WorkerInput& input, const Origin& origin, Row from);
  void finish_batch();
  void count_created();
  void tick(std::chrono::steady_clock::time_point now);
  EventCount::Timeout idle_wait() const;

  RingIntake& intake_;
  OpenBatches& open_;
  std::vector<WorkerInput> inputs_;  // by Origin::input; without a decoder where none is due
  std::unique_ptr<Program> program_;
  Options options_;
  Batch batch_;
  std::shared_ptr<Settlement> settlement_;  // of batch_
  std::vector<Value> origin_values_;        // scratch
  bool loaded_ = false;                     // a parcel went into batch_
  Counter batches_;
  // Each side says what it does, then looks at the other (seq_cst): a worker that takes is seen by
  // the one who waits, or sees that it is to leave.
  std::atomic<bool> leaving_{false};
  std::atomic<bool> taking_{false};
  std::chrono::steady_clock::time_point ticked_;
  std::thread thread_;
};

}  // namespace penstock
