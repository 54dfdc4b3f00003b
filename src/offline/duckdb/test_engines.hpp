#pragma once

#include <string>

#include <gtest/gtest.h>

#include "offline/duckdb/duckdb_store.hpp"

/// For tests only: what training rows do, they do on each engine.
namespace provender::offline {

inline auto each_engine() {
  return ::testing::Values(
      JoinEngine::Kernel, JoinEngine::KernelScan, JoinEngine::KernelPasses, JoinEngine::Asof);
}

inline std::string engine_name(const ::testing::TestParamInfo<JoinEngine>& engine) {
  return std::string(to_string(engine.param));
}

}  // namespace provender::offline
