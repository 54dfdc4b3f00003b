#include "arrow/whole_microseconds.hpp"

#include "arrow/nanoarrow_error.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nanoarrow/nanoarrow.h>

namespace provender::arrow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Batches of one column of times in nanoseconds, or of lists of one time each.
class Times final : public BatchReader {
 public:
  Times(const char* zone, bool as_lists, std::vector<std::vector<std::int64_t>> batches)
      : batches_(std::move(batches)), as_lists_(as_lists) {
    ArrowSchemaInit(schema_.out());
    EXPECT_EQ(ArrowSchemaSetTypeStruct(schema_.out(), 1), NANOARROW_OK);
    ArrowSchema* column = schema_->children[0];
    if (as_lists) {
      EXPECT_EQ(ArrowSchemaSetType(column, NANOARROW_TYPE_LIST), NANOARROW_OK);
    }
    EXPECT_EQ(ArrowSchemaSetTypeDateTime(as_lists ? column->children[0] : column,
                                         NANOARROW_TYPE_TIMESTAMP,
                                         NANOARROW_TIME_UNIT_NANO,
                                         zone),
              NANOARROW_OK);
    EXPECT_EQ(ArrowSchemaSetName(column, "t"), NANOARROW_OK);
  }

  const ArrowSchema& schema() const override { return schema_.get(); }

  Result<Array> next() override {
    Array out;
    if (at_ == batches_.size()) return out;
    EXPECT_EQ(ArrowArrayInitFromSchema(out.out(), &schema_.get(), nullptr), NANOARROW_OK);
    EXPECT_EQ(ArrowArrayStartAppending(out.out()), NANOARROW_OK);
    for (const std::int64_t time : batches_[at_++]) {
      ArrowArray* column = out->children[0];
      EXPECT_EQ(ArrowArrayAppendInt(as_lists_ ? column->children[0] : column, time), NANOARROW_OK);
      if (as_lists_) {
        EXPECT_EQ(ArrowArrayFinishElement(column), NANOARROW_OK);
      }
      EXPECT_EQ(ArrowArrayFinishElement(out.out()), NANOARROW_OK);
    }
    EXPECT_EQ(ArrowArrayFinishBuildingDefault(out.out(), nullptr), NANOARROW_OK);
    return out;
  }

 private:
  Schema schema_;
  std::vector<std::vector<std::int64_t>> batches_;
  bool as_lists_;
  std::size_t at_ = 0;
};

/// The first error; empty if there is none.
std::string error_of(const char* zone,
                     bool as_lists,
                     std::vector<std::vector<std::int64_t>> batches) {
  const auto reader =
      in_whole_microseconds(std::make_unique<Times>(zone, as_lists, std::move(batches)));
  while (true) {
    const auto batch = reader->next();
    if (!batch) return std::string(batch.error().message());
    if (!*batch) return "";
  }
}

TEST(WholeMicroseconds, NamesTheRowWhoseNanosecondsWouldGetLost) {
  EXPECT_EQ(error_of("UTC", false, {{1000, -5000}, {7000}}), "");
  EXPECT_THAT(error_of("UTC", false, {{1000, -5000}, {7000, 1}}),
              AllOf(HasSubstr("column 't', row 4"), HasSubstr("nanoseconds")));
}

TEST(WholeMicroseconds, LooksIntoLists) {
  EXPECT_EQ(error_of("UTC", true, {{1000}, {7000}}), "");
  EXPECT_THAT(error_of("UTC", true, {{1000}, {1001}}), HasSubstr("column 't':"));
}

TEST(WholeMicroseconds, NaiveTimesKeepTheirNanoseconds) {
  EXPECT_EQ(error_of(nullptr, false, {{1}}), "");
}

}  // namespace
}  // namespace provender::arrow
