// What a reader knows of the registry: versions, changes, and what it does without an answer.

#include <chrono>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serving/testing_reader.hpp"

namespace provender::serving {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(ReaderTest, AsksTheRegistryOnceForAVersionThatNeverWas) {
  EXPECT_THAT(prepare_error({.features = {}, .service = "all@9"}), HasSubstr("no such version"));
  const int looks = registry_.looks;
  EXPECT_THAT(prepare_error({.features = {}, .service = "all@9"}), HasSubstr("no such version"));
  EXPECT_EQ(registry_.looks, looks);
}

/// A loop that nothing is asked of: the memory store never waits.
class NoLoop final : public EventLoop {
 public:
  std::unique_ptr<Watch> watch(int /*file*/, Watcher& /*watcher*/) override { return nullptr; }
  std::unique_ptr<Timer> timer(std::function<void()> /*on_time*/) override { return nullptr; }
  void post(std::function<void()> /*work*/) override {}
};

TEST_F(ReaderTest, LoopsAreServedWhileTheRegistryDoesNotAnswer) {
  put_activity(1, kNow, 47);
  const RowSchema newer{.id = 105, .fields = {{.id = 1, .type = kInt64}}};
  put(1, 11, newer, {Value{std::int64_t{2}}}, kNow, {Value{std::int64_t{5}}});
  NoLoop loop;
  reader_->refresh().value();
  const auto on_loop = reader_->on_loop(loop);
  const std::unique_lock stopped(registry_.stop);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(on_loop->refresh().value(), 2U);
    const auto prepared = on_loop->prepare({.features = {"watched"}, .service = ""});
    ASSERT_TRUE(prepared) << prepared.error().message();
    const auto pinned = on_loop->prepare({.features = {}, .service = "all@1"});
    ASSERT_FALSE(pinned);
    EXPECT_EQ(pinned.error().code(), ErrorCode::Unavailable);
    const std::vector<ValueView> keys{ValueView(std::int64_t{1}), ValueView(std::int64_t{2})};
    on_loop->read(*prepared, keys, [&](const auto& features) {
      EXPECT_EQ(features->get().cell(0, 0).status, Status::Present);
      EXPECT_EQ(features->get().cell(1, 0).status, Status::Invalid);
    });
  }
  // One wait of a tenth of a second for each of the two things that only the registry knows.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST_F(ReaderTest, LoopsNoticeAChangeWithoutLookingThemselves) {
  NoLoop loop;
  const auto on_loop = reader_->on_loop(loop);
  EXPECT_EQ(on_loop->refresh().value(), 2U);
  registry_.first = sample().definitions;
  EXPECT_TRUE(on_loop->prepare({.features = {}, .service = "all@1", .full_names = true}));
  auto next = sample();
  next.revision = 8;
  next.version = 3;
  {
    const std::scoped_lock change(registry_.stop);
    registry_.current = std::make_shared<const Snapshot>(next);
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (on_loop->refresh().value() != 3U) {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_F(ReaderTest, GivesTheSameObjectUntilTheRegistryChanges) {
  const FeatureRequest request{.features = {"watched"}, .service = ""};
  const auto first = *reader_->prepare(request);
  EXPECT_EQ(*reader_->prepare(request), first);
  auto next = sample();
  next.revision = 8;
  registry_.current = std::make_shared<const Snapshot>(next);
  EXPECT_EQ(reader_->refresh().value(), 2U);
  EXPECT_NE(*reader_->prepare(request), first);
}

TEST_F(ReaderTest, GoesOnServingWhileTheRegistryIsAway) {
  put_activity(1, kNow, 47);
  const FeatureRequest request{.features = {"watched"}, .service = ""};
  ASSERT_TRUE(reader_->prepare(request));
  registry_.away = true;
  EXPECT_FALSE(reader_->refresh());
  EXPECT_THAT(read(request, {ValueView(std::int64_t{1})}).values, ElementsAre("47"));
}

TEST_F(ReaderTest, ReadsAServiceAsAVersionDeclaredIt) {
  registry_.first = sample().definitions;
  registry_.first.feature_services[0].items.pop_back();
  const auto pinned = *reader_->prepare({.features = {}, .service = "all@1"});
  EXPECT_EQ(pinned->features().size(), 1U);
  EXPECT_THAT(prepare_error({.features = {}, .service = "all@2"}), HasSubstr("no such version"));
  EXPECT_THAT(prepare_error({.features = {}, .service = "all@x"}),
              HasSubstr("behind @ stands the number"));
  EXPECT_THAT(prepare_error({.features = {}, .service = "none@1"}),
              HasSubstr("applied version 1 has no feature service none"));
}

TEST_F(ReaderTest, SaysThatNothingIsApplied) {
  registry_.current = std::make_shared<const Snapshot>();
  ASSERT_TRUE(reader_->refresh());
  EXPECT_THAT(prepare_error({.features = {"watched"}, .service = ""}),
              HasSubstr("provender apply"));
}

}  // namespace
}  // namespace provender::serving
