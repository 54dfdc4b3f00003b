#include "provender/error.hpp"

#include <set>

#include <gtest/gtest.h>

#include "base/try.hpp"

namespace provender {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error(ErrorCode::InvalidArgument, "odd");
  return number / 2;
}

Result<int> quarter(int number) {
  PROVENDER_ASSIGN(const int once, half(number));
  PROVENDER_ASSIGN(const int twice, half(once));
  return twice;
}

Result<> check_even(int number) {
  PROVENDER_TRY(half(number));
  return {};
}

TEST(Error, HasAStableNameForEachCode) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
    names.insert(to_string(static_cast<ErrorCode>(code)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::Internal) + 1);
  EXPECT_EQ(to_string(ErrorCode::InvalidArgument), "invalid_argument");
  EXPECT_EQ(to_string(ErrorCode::FailedPrecondition), "failed_precondition");
}

TEST(Error, PrependsWhatTheCallerWasDoing) {
  const auto error = Error(ErrorCode::Io, "disk gone").within("read row").within("serve");
  EXPECT_EQ(error.message(), "serve: read row: disk gone");
  EXPECT_EQ(error.code(), ErrorCode::Io);
}

TEST(Error, CopiesAreIndependent) {
  const Error first(ErrorCode::Conflict, "taken");
  Error second = first;
  second = std::move(second).within("apply");
  EXPECT_EQ(first.message(), "taken");
  EXPECT_EQ(second.message(), "apply: taken");
}

TEST(Try, ReturnsTheErrorOfWhatItCalls) {
  EXPECT_EQ(quarter(12).value(), 3);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), "odd");
  EXPECT_TRUE(check_even(2));
  EXPECT_FALSE(check_even(3));
}

}  // namespace
}  // namespace provender
