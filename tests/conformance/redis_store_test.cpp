#include "conformance/online_store_conformance.hpp"
#include "conformance/online_store_races.hpp"
#include "conformance/stores.hpp"
#include <gtest/gtest.h>

namespace provender::online {
namespace {

INSTANTIATE_TEST_SUITE_P(Redis,
                         OnlineStoreConformance,
                         testing::ValuesIn(redis_stores()),
                         quirks_name);

INSTANTIATE_TEST_SUITE_P(Redis, OnlineStoreRaces, testing::ValuesIn(redis_stores()), quirks_name);

}  // namespace
}  // namespace provender::online
