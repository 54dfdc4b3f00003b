#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "online/online_store.hpp"

namespace provender::online {

/// How the conformance suites get at one kind of store, and where that kind differs.
struct StoreQuirks {
  std::string name;
  /// An empty store; called again only when the one before is gone.
  std::function<Result<std::unique_ptr<OnlineStore>>()> open;
  /// Removes what the last store left behind.
  std::function<void()> clean_up = [] {};
  /// Lets callbacks run that the store did not call before read() returned.
  std::function<void()> run_callbacks = [] {};
  /// Of tests with many rows it gets this part: one whose rows take long to be put together.
  int share = 1;

  friend void PrintTo(const StoreQuirks& quirks, std::ostream* out) { *out << quirks.name; }
};

inline std::string quirks_name(const testing::TestParamInfo<StoreQuirks>& info) {
  return info.param.name;
}

}  // namespace provender::online
