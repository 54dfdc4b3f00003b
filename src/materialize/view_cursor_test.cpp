#include "materialize/view_cursor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/value_columns.hpp"

namespace provender::materialize {
namespace {

using testing::HasSubstr;

constexpr Type kString{.kind = Kind::String};
constexpr Type kTime{.kind = Kind::Timestamp};

/// One row of one entity whose key is a text.
class OneRow final : public offline::LatestReader {
 public:
  explicit OneRow(const std::string& key)
      : row_({{kString, {key}}, {kTime, {Timestamp()}}, {kTime, {}}}) {}

  Result<std::optional<BatchView>> next() override {
    if (std::exchange(is_read_, true)) return std::nullopt;
    return BatchView{.rows = 1, .columns = row_.columns()};
  }
  std::uint64_t skipped_rows() const override { return 0; }

 private:
  codec::ValueRow row_;
  bool is_read_ = false;
};

/// What the first step over an entity of this key gives.
Result<bool> first(const std::string& key) {
  const Definitions definitions{
      .entities = {{.name = "user", .keys = {{.name = "user", .type = kString}}}}};
  const FeatureView view{.name = "v", .entities = {"user"}, .source = {.text = "data/v.parquet"}};
  const registry::Generation generation{.store_id = 1, .entity_set = 1, .schema_id = 1};
  const RowSchema schema{.id = 1};
  auto cursor = ViewCursor::open({.definitions = definitions,
                                  .view = view,
                                  .generation = generation,
                                  .schema = schema,
                                  .reader = std::make_unique<OneRow>(key)});
  if (!cursor) return std::move(cursor).error();
  return (*cursor)->next();
}

TEST(ViewCursor, TakesTheLongestKeyAndNoLongerOne) {
  const auto longest = first(std::string(478, 'x'));  // and two bytes that end a text
  EXPECT_TRUE(longest && *longest);
  const auto longer = first(std::string(479, 'x'));
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code(), ErrorCode::InvalidArgument);
  EXPECT_THAT(std::string(longer.error().message()),
              HasSubstr("feature view 'v', source 'data/v.parquet': an entity key takes 481 bytes "
                        "encoded, more than the 480 allowed; it begins with xxx"));
}

}  // namespace
}  // namespace provender::materialize
