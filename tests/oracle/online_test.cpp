#include "case_online.hpp"
#include "suite.hpp"
#include <gtest/gtest.h>

namespace provender::oracle {
namespace {

/// Rule 4: online at now equals offline at now over the rows ingested so far, in value and status.
TEST(OnlineValues, AreTheOraclesAndTheOfflineStores) {
  run_cases(6, run_online);
}

}  // namespace
}  // namespace provender::oracle
