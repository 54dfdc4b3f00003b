#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "provender/server_config.hpp"

#include "server/routes.hpp"

namespace provender::server {

/// What is to be told of a request when it is answered.
struct Visit {
  Route route = Route::Other;
  std::chrono::steady_clock::time_point started;
  std::string id;                   ///< X-Request-Id
  const ApiToken* token = nullptr;  ///< whose
  std::string_view service;  ///< the feature service asked for, if any; valid until it is told
  std::size_t rows = 0;      ///< entities asked for
  bool wants_arrow = false;  ///< in place of JSON, where there is a choice
};

}  // namespace provender::server
