// Rows that cannot be read, or only once the registry was asked for their schema.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serving/testing_reader.hpp"

namespace provender::serving {
namespace {

using testing::ElementsAre;

TEST_F(ReaderTest, CallsARowWithAFlippedBitInvalid) {
  flip_a_bit_ = true;
  put_activity(1, kNow, 47);
  flip_a_bit_ = false;
  put_activity(2, kNow, 48);
  const auto got = read({.features = {"watched"}, .service = ""},
                        {ValueView(std::int64_t{1}), ValueView(std::int64_t{2})});
  EXPECT_THAT(got.statuses, ElementsAre(Status::Invalid, Status::Present));
}

TEST_F(ReaderTest, LooksOnceForASchemaThatItDoesNotKnow) {
  const RowSchema newer{.id = 105, .fields = {{.id = 1, .type = kInt64}}};
  put(1, 11, newer, {Value{std::int64_t{1}}}, kNow, {Value{std::int64_t{5}}});
  auto got = read({.features = {"watched"}, .service = ""}, {ValueView(std::int64_t{1})});
  EXPECT_THAT(got.statuses, ElementsAre(Status::Invalid));

  const int looks = registry_.looks;
  read({.features = {"watched"}, .service = ""}, {ValueView(std::int64_t{1})});
  EXPECT_EQ(registry_.looks, looks);

  auto next = sample();
  next.revision = 8;
  next.schemas.emplace(105, newer);
  registry_.current = std::make_shared<const Snapshot>(next);
  ASSERT_TRUE(reader_->refresh());
  got = read({.features = {"watched"}, .service = ""}, {ValueView(std::int64_t{1})});
  EXPECT_THAT(got.statuses, ElementsAre(Status::Present));
  EXPECT_THAT(got.values, ElementsAre("5"));
}

TEST_F(ReaderTest, ReadsRowsOfASchemaThatIsNewerThanWhatWasPrepared) {
  const FeatureRequest request{.features = {"watched"}, .service = ""};
  const auto prepared = *reader_->prepare(request);
  const RowSchema newer{.id = 105, .fields = {{.id = 1, .type = kInt64}}};
  put(1, 11, newer, {Value{std::int64_t{1}}}, kNow, {Value{std::int64_t{5}}});
  auto next = sample();
  next.revision = 8;
  next.schemas.emplace(105, newer);
  registry_.current = std::make_shared<const Snapshot>(next);
  const std::vector<ValueView> keys{ValueView(std::int64_t{1})};
  Status status = Status::NotFound;
  reader_->read(
      prepared, keys, [&](const auto& features) { status = features->get().cell(0, 0).status; });
  EXPECT_EQ(status, Status::Present);
}

TEST_F(ReaderTest, CountsTheRowsThatItCannotReadByReason) {
  flip_a_bit_ = true;
  put_activity(1, kNow, 47);
  flip_a_bit_ = false;
  put_activity(2, kNow, 48);
  newer_format_ = true;
  put_activity(3, kNow, 49);
  newer_format_ = false;
  put(1,
      11,
      {.id = 105, .fields = {{.id = 1, .type = kInt64}}},
      {Value{std::int64_t{4}}},
      kNow,
      {Value{std::int64_t{5}}});
  const auto prepared = *reader_->prepare({.features = {"watched"}, .service = ""});
  const std::vector<ValueView> keys{ValueView(std::int64_t{1}),
                                    ValueView(std::int64_t{2}),
                                    ValueView(std::int64_t{3}),
                                    ValueView(std::int64_t{4}),
                                    ValueView(std::int64_t{5})};
  std::vector<Status> statuses;
  UnreadableRows unreadable;
  reader_->read(prepared, keys, [&](const auto& features) {
    for (std::size_t row = 0; row < keys.size(); ++row) {
      statuses.push_back(features->get().cell(row, 0).status);
    }
    unreadable = features->get().unreadable();
  });
  EXPECT_THAT(
      statuses,
      ElementsAre(
          Status::Invalid, Status::Present, Status::Invalid, Status::Invalid, Status::NotFound));
  EXPECT_EQ(unreadable.checksum, 1U);
  EXPECT_EQ(unreadable.format, 1U);
  EXPECT_EQ(unreadable.schema, 1U);
}

}  // namespace
}  // namespace provender::serving
