#pragma once

#include <string>

#include "provender/online_read.hpp"

#include "wire/read_request.hpp"

namespace provender::wire {

/// How often each status was answered, for metrics: indexed by Status.
struct StatusCounts {
  std::uint64_t counts[5] = {};
};

/// Appends the answer to `out` in the form in which it was asked. A value that JSON cannot carry is
/// null and INVALID.
StatusCounts write_read_reply(std::string& out,
                              const ReadRequest& request,
                              const PreparedRead& prepared,
                              const OnlineFeatures& features);

}  // namespace provender::wire
