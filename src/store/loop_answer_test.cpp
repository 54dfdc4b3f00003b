#include "store/loop_answer.hpp"

#include <atomic>
#include <latch>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace provender::store {
namespace {

/// On a busy machine the thread may need longer than a loop waits.
Result<int> answer_of(LoopAnswer<int>& asked) {
  while (true) {
    auto answer = asked.get();
    if (answer || answer.error().code() != ErrorCode::Unavailable) return answer;
    std::this_thread::yield();
  }
}

TEST(LoopAnswer, IsWhatIsFoundAndWhyThereIsNone) {
  Result<int> next = 7;
  LoopAnswer<int> answer([&] { return next; });
  EXPECT_EQ(answer_of(answer).value(), 7);
  next = 8;
  EXPECT_EQ(answer_of(answer).value(), 8);
  next = Error(ErrorCode::Corruption, "it is damaged");
  const auto failed = answer_of(answer);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::Corruption);
  EXPECT_EQ(failed.error().message(), "it is damaged");
}

TEST(LoopAnswer, IsNotWaitedForByManyNorLong) {
  std::latch may_answer(1);
  std::atomic<int> asked = 0;
  LoopAnswer<int> answer([&]() -> Result<int> {
    ++asked;
    may_answer.wait();  // as for a file that another process has locked
    return 7;
  });
  for (int i = 0; i < 1'000; ++i) {
    const auto none = answer.get();
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code(), ErrorCode::Unavailable);
  }
  EXPECT_LE(asked, 1);
  may_answer.count_down();
  EXPECT_EQ(answer_of(answer).value(), 7);
}

}  // namespace
}  // namespace provender::store
