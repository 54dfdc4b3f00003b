#include "server/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::server {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, SumTheLoops) {
  Metrics metrics(2);
  metrics.loop(0).route(Route::Health).count(200, microseconds(60));
  metrics.loop(1).route(Route::Health).count(200, microseconds(400));
  metrics.loop(1).route(Route::Health).count(503, std::chrono::seconds(2));
  const std::string text = metrics.render();
  EXPECT_THAT(
      text,
      HasSubstr(
          "provender_http_requests_total{route=\"/health\",service=\"\",status=\"2xx\"} 2\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "provender_http_requests_total{route=\"/health\",service=\"\",status=\"5xx\"} 1\n"));
  const std::string bucket =
      "provender_http_request_duration_seconds_bucket{route=\"/health\",service=\"\",le=";
  EXPECT_THAT(text, HasSubstr(bucket + "\"5e-05\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(bucket + "\"0.0001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(bucket + "\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(bucket + "\"+Inf\"} 3\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "provender_http_request_duration_seconds_count{route=\"/health\",service=\"\"} 3\n"));
}

TEST(Metrics, TellServicesAndViewsApart) {
  Metrics metrics(2);
  metrics.loop(0).service("one").count(200, microseconds(1));
  metrics.loop(1).service("one").count(200, microseconds(1));
  metrics.loop(1).service("two").count(400, microseconds(1));
  metrics.loop(0).view("user").count(std::chrono::minutes(2));
  metrics.loop(0).view("user").count(std::chrono::minutes(-1));  // a clock that went back
  const std::string text = metrics.render();
  const std::string requests =
      "provender_http_requests_total{route=\"/get-online-features\",service=";
  EXPECT_THAT(text, HasSubstr(requests + "\"one\",status=\"2xx\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(requests + "\"two\",status=\"4xx\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("provender_feature_age_seconds_bucket{view=\"user\",le=\"1\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("provender_feature_age_seconds_bucket{view=\"user\",le=\"300\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("provender_feature_age_seconds_sum{view=\"user\"} 120\n"));
}

TEST(Metrics, CountValuesErrorsAndRefusals) {
  Metrics metrics(1);
  metrics.set_registry_version(7);
  metrics.set_connections([] { return 3; });
  EXPECT_THAT(metrics.render(), Not(HasSubstr("provender_online_store_connections")));
  metrics.set_store_activity(
      [] { return StoreActivity{.connections = 4, .in_flight = 5, .reconnects = 6}; });
  metrics.loop(0).count_values({1, 0, 4, 0, 0});
  metrics.loop(0).count_store_error(ErrorCode::Corruption);
  metrics.loop(0).count_unreadable({.checksum = 1, .format = 2, .schema = 3});
  metrics.loop(0).count_refused(431);
  metrics.loop(0).count_registry_error();
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("provender_feature_values_total{status=\"PRESENT\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("provender_feature_values_total{status=\"NOT_FOUND\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("provender_online_store_errors_total{code=\"corruption\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("provender_online_store_errors_total{code=\"unavailable\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("provender_unreadable_rows_total{reason=\"checksum\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("provender_unreadable_rows_total{reason=\"format\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("provender_unreadable_rows_total{reason=\"schema\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("provender_http_refused_total{status=\"431\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("provender_registry_errors_total 1\n"));
  EXPECT_THAT(text, HasSubstr("provender_registry_version 7\n"));
  EXPECT_THAT(text, HasSubstr("provender_http_connections 3\n"));
  EXPECT_THAT(text, HasSubstr("provender_online_store_connections 4\n"));
  EXPECT_THAT(text, HasSubstr("provender_online_store_in_flight 5\n"));
  EXPECT_THAT(text, HasSubstr("provender_online_store_reconnects_total 6\n"));
  EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes"));
}

}  // namespace
}  // namespace provender::server
