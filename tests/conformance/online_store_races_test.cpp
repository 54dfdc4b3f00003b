#include "conformance/online_store_races.hpp"

#include "conformance/stores.hpp"
#include <gtest/gtest.h>

namespace provender::online {
namespace {

INSTANTIATE_TEST_SUITE_P(Stores,
                         OnlineStoreRaces,
                         testing::ValuesIn(embedded_stores()),
                         quirks_name);

}  // namespace
}  // namespace provender::online
