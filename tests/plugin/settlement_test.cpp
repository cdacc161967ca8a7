#include "pipeline/plugin/settlement.h"

#include <gtest/gtest.h>

#include <thread>

#include "pipeline/plugin/parcel.h"

namespace penstock {
namespace {

class Recorder : public Settler {
 public:
  void settle(Position position, Verdict verdict) noexcept override {
    std::lock_guard lock(mutex);
    verdicts.push_back({position.sequence, verdict});
  }
  std::mutex mutex;
  std::vector<std::pair<uint64_t, Verdict>> verdicts;
};

class SettlementTest : public testing::Test {
 protected:
  SettlementTest() : ledger_("file", "/log/a"), other_("file", "/log/b") {
    for (SourceLedger* source : {&ledger_, &other_}) {
      auto origin = std::make_shared<Origin>();
      origin->ledger = source;
      batch_.begin(origin, {});
      for (int i = 0; i < 5; ++i) batch_.append();
      source->read.add(5);
    }
    settlement_->add_token(AckToken(recorder_, {0, 7}));
    settlement_->add_token(AckToken(recorder_, {0, 8}));
  }
  void expect_verdicts(Verdict verdict) {
    ASSERT_EQ(recorder_.verdicts.size(), 2U);
    EXPECT_EQ(recorder_.verdicts[0], (std::pair<uint64_t, Verdict>{7, verdict}));
    EXPECT_EQ(recorder_.verdicts[1], (std::pair<uint64_t, Verdict>{8, verdict}));
  }

  SourceLedger ledger_, other_;
  Recorder recorder_;
  Batch batch_;
  std::shared_ptr<Settlement> settlement_ = std::make_shared<Settlement>();
};

TEST_F(SettlementTest, settles_when_the_last_share_is_done_and_not_before) {
  settlement_->count(batch_);
  Delivery first = settlement_->share(), second = settlement_->share();
  settlement_->close();
  first.done();
  EXPECT_TRUE(recorder_.verdicts.empty());
  EXPECT_EQ(ledger_.in_flight(), 5);
  second.done();
  expect_verdicts(Verdict::done);
  EXPECT_EQ(ledger_.delivered.value(), 5U);
  EXPECT_EQ(ledger_.in_flight(), 0);
}

TEST_F(SettlementTest, a_forgotten_share_means_replay_and_the_events_stay_in_flight) {
  settlement_->count(batch_);
  Delivery first = settlement_->share();
  { const Delivery forgotten = settlement_->share(); }
  settlement_->close();
  first.done();
  expect_verdicts(Verdict::replay);
  EXPECT_EQ(ledger_.in_flight(), 5);
}

TEST_F(SettlementTest, without_outputs_it_settles_when_the_worker_lets_go) {
  for (Row row = 0; row < 10; ++row)
    batch_.drop(row, row < 7 ? DropReason::filter : DropReason::unrouted);
  settlement_->count(batch_);
  settlement_->close();
  expect_verdicts(Verdict::done);
  EXPECT_EQ(ledger_.dropped[static_cast<size_t>(LedgerDrop::filter)].value(), 5U);
  EXPECT_EQ(other_.dropped[static_cast<size_t>(LedgerDrop::filter)].value(), 2U);
  EXPECT_EQ(other_.dropped[static_cast<size_t>(LedgerDrop::unrouted)].value(), 3U);
  EXPECT_EQ(other_.in_flight(), 0);
}

TEST_F(SettlementTest, a_row_dead_lettered_by_two_outputs_counts_once_at_its_source) {
  settlement_->count(batch_);
  Delivery first = settlement_->share(), second = settlement_->share();
  settlement_->close();
  first.dead_letter(6);
  second.dead_letter(6);
  second.dead_letter(9);
  first.done();
  second.done();
  EXPECT_EQ(ledger_.delivered.value(), 5U);
  EXPECT_EQ(other_.delivered.value(), 3U);
  EXPECT_EQ(other_.dead_lettered.value(), 2U);
  EXPECT_EQ(other_.in_flight(), 0);
}

TEST_F(SettlementTest, shares_may_end_on_different_threads) {
  settlement_->count(batch_);
  std::vector<std::thread> threads;
  for (Row row = 0; row < 8; ++row)
    threads.emplace_back([row, share = settlement_->share()]() mutable {
      if (row % 2) share.dead_letter(row);
      share.done();
    });
  settlement_->close();
  for (auto& thread : threads) thread.join();
  expect_verdicts(Verdict::done);
  EXPECT_EQ(ledger_.delivered.value() + other_.delivered.value(), 6U);
  EXPECT_EQ(ledger_.in_flight() + other_.in_flight(), 0);
}

TEST(AckToken, destroyed_without_a_verdict_asks_for_replay) {
  Recorder recorder;
  { const AckToken token(recorder, {0, 3}); }
  ASSERT_EQ(recorder.verdicts.size(), 1U);
  EXPECT_EQ(recorder.verdicts[0].second, Verdict::replay);
}

TEST(AckToken, gives_exactly_one_verdict) {
  Recorder recorder;
  {
    AckToken token(recorder, {0, 3});
    AckToken moved(std::move(token));
    moved.settle(Verdict::done);
    moved.settle(Verdict::replay);
  }
  ASSERT_EQ(recorder.verdicts.size(), 1U);
  EXPECT_EQ(recorder.verdicts[0].second, Verdict::done);
}

TEST(Records, hold_each_slab_once_and_copies_outlive_their_source) {
  Records records;
  const SlabRef slab = Slab::make();
  std::memcpy(slab.get()->data(), "onetwo", 6);
  records.add(slab, {slab.get()->data(), 3});
  records.add(slab, {slab.get()->data() + 3, 3});
  EXPECT_EQ(records.slabs.size(), 1U);
  {
    const std::string gone(Slab::kBytes, 'z');
    records.add_copy(gone);
    records.add_copy("three");
  }
  EXPECT_EQ(records.views[2].size(), Slab::kBytes);
  EXPECT_EQ(records.views[3], "three");
  EXPECT_EQ(records.bytes, 6 + Slab::kBytes + 5);
}

}  // namespace
}  // namespace penstock
