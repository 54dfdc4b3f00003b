#include "conformance/online_store_conformance.hpp"
#include "conformance/stores.hpp"
#include <gtest/gtest.h>

namespace provender::online {
namespace {

INSTANTIATE_TEST_SUITE_P(Stores,
                         OnlineStoreConformance,
                         testing::ValuesIn(embedded_stores()),
                         quirks_name);

}  // namespace
}  // namespace provender::online
