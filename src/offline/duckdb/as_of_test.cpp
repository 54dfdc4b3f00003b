#include "offline/duckdb/as_of.hpp"

#include <gtest/gtest.h>

#include "offline/duckdb/test_project.hpp"
#include "offline/duckdb/test_views.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {
namespace {

TEST(AsOf, IsAnsweredByThePlugIn) {
  TestProject project;
  project.write("a.parquet",
                "SELECT 'é' AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, 7::BIGINT AS f");
  Definitions definitions = user_definitions({Kind::String});
  add_view(definitions, "v", parquet("a.parquet"), "f").ttl = std::chrono::hours(24);
  const auto store = open_offline_store(project.options());
  ASSERT_TRUE(store) << store.error().message();

  const std::vector<std::string> features = {"v:f"};
  const auto selection =
      provender::select(definitions, {.features = features, .service = "", .full_names = false});
  ASSERT_TRUE(selection);
  const Timestamp first{std::chrono::sys_days{std::chrono::year{2026} / 5 / 1}};
  const auto ask = [&](const Value& key, Timestamp t) {
    auto out = (*store)->as_of(definitions, *selection, std::span(&key, 1), t, {});
    return out ? out->at(0) : ValueAsOf{.status = Status::Invalid};
  };
  const Value key{.storage = std::string("é")};
  EXPECT_EQ(ask(key, first).status, Status::Present);
  EXPECT_EQ(ask(key, first).value, (Value{.storage = std::int64_t{7}}));
  EXPECT_EQ(ask(key, first).event_timestamp, first);
  EXPECT_EQ(ask(key, first - Duration(1)).status, Status::NotFound);
  EXPECT_EQ(ask(key, first + std::chrono::hours(24)).status, Status::Present);
  EXPECT_EQ(ask(key, first + std::chrono::hours(24) + Duration(1)).status, Status::OutsideMaxAge);
  EXPECT_EQ(ask({}, first).status, Status::NotFound);

  const auto too_few = (*store)->as_of(definitions, *selection, {}, first, {});
  ASSERT_FALSE(too_few);
  EXPECT_EQ(too_few.error().code(), ErrorCode::InvalidArgument);

  const std::stop_source stop;
  stop.request_stop();
  const auto stopped = (*store)->as_of(
      definitions, *selection, std::span(&key, 1), first, {.stop = stop.get_token()});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), ErrorCode::Cancelled);
}

}  // namespace
}  // namespace provender::offline
