#pragma once

#include <chrono>
#include <cstddef>

namespace provender::http {

/// What one client may take. Whoever goes over a limit is answered, where that is possible, and
/// disconnected.
struct Limits {
  std::size_t header_bytes = std::size_t{16} << 10;  ///< request line and fields: 431
  std::size_t header_count = 100;                    ///< fields: 431
  std::size_t body_bytes = std::size_t{8} << 20;     ///< 413, before it is read
  /// Memory for requests of all connections together, beyond the first 64 KiB of each: 503.
  std::size_t buffered_bytes = std::size_t{256} << 20;
  std::size_t connections = 1024;  ///< open at once: 503 to those beyond

  std::chrono::milliseconds header_time{
      10'000};  ///< from the first byte of a header to its last: 408
  std::chrono::milliseconds body_time{
      30'000};  ///< from the end of the header to the last byte of the body: 408
  std::chrono::milliseconds idle_time{60'000};    ///< between an answer and the next request
  std::chrono::milliseconds answer_time{30'000};  ///< from a whole request to its answer: 503
  std::chrono::milliseconds write_time{30'000};   ///< for a client to take what it is sent
  std::chrono::milliseconds linger_time{
      2'000};  ///< for a client to read the last answer and hang up
};

}  // namespace provender::http
