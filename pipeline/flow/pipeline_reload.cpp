// How a running pipeline takes up a new plan. The order is what makes it lose and double nothing:
//
//   prepare   outputs, filters and decoders are made beside the running ones; unchanged inputs keep
//             their slot, unchanged outputs are shared
//   1         new outputs start; a failure ends it here, nothing has changed
//   2         inputs that are changed or gone stop. Of those that keep a position the gate is
//   closed
//             first, until what they read is answered for, so that the successor goes on from the
//             right place. When that takes too long the gate opens again, and nothing has changed
//   3         new inputs start behind a closed gate; a failure puts the old ones back
//   4         the old workers finish their batches and leave the ring as it is; the new ones start
//             on it. They can decode what inputs that are gone have left there
//   5         the gates open
//   later     collect(): the old generation goes when its last batch is answered for, the old
//             inputs when their last parcel is
#include <algorithm>

#include "pipeline/base/log.h"
#include "pipeline/flow/pipeline.h"
#include "pipeline/flow/watched_files.h"

namespace penstock {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kSettleMax{5'000};
// With one worker events keep their order: the new one waits so long for the old one's last batch.
constexpr milliseconds kOrderMax{50};

}  // namespace

std::unique_ptr<Pipeline::Next> Pipeline::prepare(const Plan& plan, const PipelineOptions& options,
                                                  Errors& errors) {
  collect();
  const size_t before = errors.size();
  if (ending_.size() >= kEndingMax) {
    errors.push_back({Errc::overload,
                      "pipeline " + options_.id + ": " + std::to_string(ending_.size()) +
                          " earlier configurations still wait for their outputs' answers",
                      {}});
    return nullptr;
  }
  auto next = std::make_unique<Next>();
  std::vector<DecoderWish> decoders;
  for (const auto& planned : plan.inputs) {
    const std::string identity = identity_of(planned);
    const auto same = std::find_if(live_.begin(), live_.end(),
                                   [&](const auto& slot) { return slot->identity == identity; });
    if (same != live_.end()) {
      next->kept_numbers.push_back((*same)->number);
      decoders.push_back({(*same)->number, &planned});
      continue;
    }
    next->fresh.push_back(make_slot(planned, errors));
    decoders.push_back({next->fresh.back()->number, &planned});
  }
  const auto& kept = next->kept_numbers;
  for (const Slots* slots : {&live_, &retired_})
    for (const auto& slot : *slots)
      if (std::find(kept.begin(), kept.end(), slot->number) == kept.end())
        decoders.push_back({slot->number, &slot->planned, false});
  next->generation = build(plan, options, decoders, errors);
  if (errors.size() == before) return next;
  for (auto& slot : next->fresh) drop(*slot);
  return nullptr;
}

Result<Pipeline::Swapped> Pipeline::swap(std::unique_ptr<Next> next) {
  TRY_STATUS(next->generation->start_outputs());
  for (auto& slot : live_) {
    const auto& kept = next->kept_numbers;
    const bool stays = std::find(kept.begin(), kept.end(), slot->number) != kept.end();
    (stays ? next->kept : next->leaving).push_back(std::move(slot));
  }
  live_.clear();
  if (Status exchanged = exchange_inputs(*next); !exchanged.ok()) {
    for (auto* slots : {&next->kept, &next->leaving})
      for (auto& slot : *slots) live_.push_back(std::move(slot));
    return exchanged.error();
  }
  Swapped out{next->kept.size(), next->leaving.size(), next->fresh.size()};
  const auto began = std::chrono::steady_clock::now();
  current_->leave();
  if (current_->workers() == 1 && next->generation->workers() == 1) current_->left(kOrderMax);
  {
    std::lock_guard lock(mutex_);
    ending_.push_back(std::move(current_));
    current_ = next->generation;
  }
  current_->start_workers(changed_);
  out.held_up = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - began);
  for (auto& slot : next->leaving) retired_.push_back(std::move(slot));
  for (auto& slot : next->kept) live_.push_back(std::move(slot));
  for (auto& slot : next->fresh) {
    slot->gate->open(*slot->input);
    live_.push_back(std::move(slot));
  }
  return out;
}

// Steps 2 and 3. On failure the inputs that were to leave run on or run again.
Status Pipeline::exchange_inputs(Next& next) {
  if (!next.fresh.empty()) TRY_STATUS(settle_positions(next.leaving));
  for (auto& slot : next.leaving) {
    slot->input->stop();
    slot->gate->close();
    if (next.fresh.empty() || !slot->input->keeps_position()) continue;
    slot->input->checkpoint();
    drop(*slot);  // it may hold what its successor needs
  }
  for (auto& slot : next.fresh) {
    Status started = start_input(*slot);
    if (started.ok()) continue;
    put_back(next.leaving, next.fresh);
    return started;
  }
  return ok_status();
}

// Waits until the positions of these inputs are final. They don't read meanwhile.
Status Pipeline::settle_positions(Slots& leaving) {
  const auto until = std::chrono::steady_clock::now() + kSettleMax;
  for (auto& slot : leaving)
    if (slot->input->keeps_position()) slot->gate->close();
  for (auto& slot : leaving) {
    if (!slot->input->keeps_position()) continue;
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
    if (slot->gate->settled(std::max(left, milliseconds(0)))) continue;
    for (auto& closed : leaving)
      if (closed->input->keeps_position()) closed->gate->open(*closed->input);
    return Error{Errc::overload,
                 "pipeline " + options_.id + ": what the input " + slot->planned.id +
                     " has read is not answered for yet, so another can't go on for it: reload "
                     "again later",
                 {}};
  }
  return ok_status();
}

// The inputs that have left are made again, in their old places.
void Pipeline::put_back(Slots& leaving, Slots& fresh) {
  for (auto& slot : fresh) drop(*slot);
  Slots again;
  for (auto& slot : leaving) {
    auto made = std::make_unique<Slot>();
    made->number = slot->number;
    made->planned = slot->planned;
    made->identity = slot->identity;
    retired_.push_back(std::move(slot));
    Status started = remake(*made);
    if (started.ok()) started = start_input(*made);
    if (started.ok()) {
      made->gate->open(*made->input);
      again.push_back(std::move(made));
      continue;
    }
    log::error("pipeline", "{}: input {} could not be started again: {}", options_.id,
               made->planned.id, started.error().message);
    drop(*made);
  }
  leaving = std::move(again);
}

void Pipeline::collect() {
  std::vector<std::shared_ptr<Generation>> over;
  for (size_t i = ending_.size(); i-- > 0;) {
    if (!ending_[i]->over()) continue;
    ending_[i]->join();
    std::lock_guard lock(mutex_);
    filtered_before_ += ending_[i]->filtering();
    sent_before_ += ending_[i]->sending();
    over.push_back(std::move(ending_[i]));
    ending_.erase(ending_.begin() + static_cast<ptrdiff_t>(i));
  }
  std::erase_if(retired_, [this](auto& slot) {
    if (!slot->gate->settled(milliseconds(0))) return false;
    if (slot->input) slot->input->checkpoint();
    drop(*slot);
    return true;
  });
}

}  // namespace penstock
