// An intake for tests of inputs: keeps the parcels it takes, refuses when told to.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/plugin/input.h"

namespace penstock::test {

class FakeIntake : public Intake {
 public:
  bool offer(Input&, std::unique_ptr<Parcel>& parcel) override {
    std::lock_guard lock(mutex_);
    if (room_ == 0) {
      ++refusals_;
      changed_.notify_all();
      return false;
    }
    --room_;
    for (const std::string_view record : parcel->records.views) records_.emplace_back(record);
    parcels_.push_back(std::move(parcel));
    changed_.notify_all();
    return true;
  }
  void finished(Input&) override {
    std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  }

  // The records taken since the last call.
  std::vector<std::string> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(records_, {});
  }
  // Waits, at most ten seconds, until `count` records were taken since the last take().
  std::vector<std::string> wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return records_.size() >= count; });
    return std::exchange(records_, {});
  }
  bool wait_finished() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return finished_; });
  }
  bool wait_refused() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return refusals_ > 0; });
  }
  // Everything taken so far is delivered.
  void settle_all() {
    std::vector<std::unique_ptr<Parcel>> parcels;
    {
      std::lock_guard lock(mutex_);
      parcels.swap(parcels_);
    }
    for (auto& parcel : parcels) parcel->token.settle(Verdict::done);
  }
  void set_room(size_t parcels) {
    std::lock_guard lock(mutex_);
    room_ = parcels;
  }
  std::vector<std::unique_ptr<Parcel>>& parcels() { return parcels_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> records_;
  std::vector<std::unique_ptr<Parcel>> parcels_;
  size_t room_ = SIZE_MAX;
  size_t refusals_ = 0;
  bool finished_ = false;
};

}  // namespace penstock::test
