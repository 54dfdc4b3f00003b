#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/metrics.hpp"

namespace provender::server {
namespace {

using ::testing::HasSubstr;

/// Each loop counts on its own thread, new series too, while others render.
TEST(MetricsRace, AreRenderedWhileTheLoopsCount) {
  constexpr std::size_t kRequests = 2000;
  Metrics metrics(2);
  metrics.set_connections([] { return 3; });
  const auto count = [&](std::size_t index) {
    LoopMetrics& loop = metrics.loop(index);
    for (std::size_t i = 0; i < kRequests; ++i) {
      loop.route(Route::Health).count(200, std::chrono::microseconds(i));
      loop.service("service" + std::to_string(i % 50)).count(200, std::chrono::microseconds(i));
      loop.view("view" + std::to_string(i % 30)).count(Duration(i));
      loop.count_values({1, 0, 0, 0, 2});
      loop.count_store_error(ErrorCode::Unavailable);
      loop.count_refused(431);
      loop.count_registry_error();
      metrics.set_registry_version(i);
    }
  };
  {
    const std::jthread one(count, 0);
    const std::jthread other(count, 1);
    for (int i = 0; i < 20; ++i) {
      EXPECT_THAT(metrics.render(), HasSubstr("provender_registry_version"));
    }
  }
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("route=\"/health\",service=\"\",status=\"2xx\"} 4000\n"));
  EXPECT_THAT(text, HasSubstr("service=\"service7\",status=\"2xx\"} 80\n"));
  EXPECT_THAT(text, HasSubstr("provender_feature_values_total{status=\"PRESENT\"} 4000\n"));
}

}  // namespace
}  // namespace provender::server
