#include "online/lmdb/loop_reader.hpp"

#include <array>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/poll_loop.hpp"

namespace provender::online::lmdb {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array<std::uint32_t, 2> kStoreIds{1, 2};

/// A store whose row of a key and a store id is both as text.
struct FakeStore final : RowReader {
  void read(std::span<const Lookup> lookups, ReadDone done) override {
    sizes.push_back(lookups.size());
    if (failure) return done(*failure);
    std::vector<std::string> texts;
    for (const Lookup& lookup : lookups) {
      for (const std::uint32_t id : lookup.store_ids) {
        texts.push_back(std::string(lookup.key) + std::to_string(id));
      }
    }
    const std::vector<std::string_view> rows(texts.begin(), texts.end());
    done(rows);
  }
  std::vector<std::size_t> sizes;  ///< lookups of each read
  std::optional<Error> failure;
};

class LoopReaderTest : public testing::Test {
 protected:
  /// Reads the two rows of a key and notes them, or the error.
  void ask(std::string_view key, std::function<void()> then = {}) {
    keys_.push_back(std::make_unique<Lookup>(Lookup{.key = key, .store_ids = kStoreIds}));
    reader_->read(
        std::span(keys_.back().get(), 1), [this, then = std::move(then)](const auto& rows) {
          if (!rows) {
            answers_.emplace_back(rows.error().message());
          } else {
            answers_.push_back(std::string(rows->front()) + " " + std::string(rows->back()));
            EXPECT_EQ(rows->size(), kStoreIds.size());
          }
          if (then) then();
        });
  }
  void turn() { loop_->turn(std::chrono::steady_clock::now()); }

  FakeStore store_;
  std::unique_ptr<PollLoop> loop_ = *PollLoop::open();
  std::unique_ptr<LoopReader> reader_ = std::make_unique<LoopReader>(store_, *loop_);
  std::vector<std::unique_ptr<Lookup>> keys_;
  std::vector<std::string> answers_;
};

TEST_F(LoopReaderTest, ReadsOfOneRoundAreDoneTogether) {
  ask("a");
  ask("b");
  EXPECT_THAT(answers_, IsEmpty());
  turn();
  EXPECT_THAT(answers_, ElementsAre("a1 a2", "b1 b2"));
  EXPECT_THAT(store_.sizes, ElementsAre(2U));
  turn();
  EXPECT_THAT(store_.sizes, ElementsAre(2U)) << "they are answered once";
}

TEST_F(LoopReaderTest, ManyReadsDoNotWaitForTheEndOfTheRound) {
  for (int i = 0; i < 40; ++i) {
    ask("k");
  }
  EXPECT_GE(answers_.size(), 30U);
  turn();
  EXPECT_EQ(answers_.size(), 40U);
  EXPECT_GT(store_.sizes.size(), 1U);
}

TEST_F(LoopReaderTest, AReadOfManyEntitiesIsDoneAtOnce) {
  const std::vector<Lookup> many(100, Lookup{.key = "m", .store_ids = kStoreIds});
  ask("a");
  bool is_done = false;
  reader_->read(many, [&](const auto& rows) { is_done = rows && rows->size() == 200; });
  EXPECT_TRUE(is_done);
  EXPECT_THAT(answers_, IsEmpty());
  turn();
  EXPECT_THAT(answers_, ElementsAre("a1 a2"));
}

TEST_F(LoopReaderTest, AFailureIsToldToAll) {
  store_.failure = Error(ErrorCode::Unavailable, "away");
  ask("a");
  ask("b");
  turn();
  EXPECT_THAT(answers_, ElementsAre("away", "away"));
  store_.failure.reset();
  ask("c");
  turn();
  EXPECT_EQ(answers_.back(), "c1 c2");
}

TEST_F(LoopReaderTest, WhatAnAnswerAsksForIsReadNext) {
  ask("a", [this] {
    for (int i = 0; i < 40; ++i) {
      ask("k");
    }
  });
  ask("b");
  turn();
  turn();
  EXPECT_EQ(answers_.size(), 42U);
  EXPECT_EQ(answers_[1], "b1 b2") << "the answers of one read are not in the way of another's";
  EXPECT_THAT(store_.sizes, ElementsAre(2U, 40U));
}

TEST_F(LoopReaderTest, AnAnswerThatThrowsEndsNoOtherRead) {
  ask("a", [] { throw std::runtime_error("a broken handler"); });
  EXPECT_THROW(turn(), std::runtime_error);
  ask("b");
  turn();
  EXPECT_EQ(answers_.back(), "b1 b2");
}

TEST_F(LoopReaderTest, WhatIsUnderWayIsDroppedWithIt) {
  ask("a");
  reader_.reset();
  turn();
  EXPECT_THAT(answers_, IsEmpty());
  EXPECT_THAT(store_.sizes, IsEmpty());
}

}  // namespace
}  // namespace provender::online::lmdb
