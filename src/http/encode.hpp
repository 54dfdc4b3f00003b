#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace provender::http {

/// What the transport adds to a response.
struct HeadOptions {
  std::string_view date;  ///< a line of `date_line`
  bool keep_alive = true;
  bool is_http_1_0 = false;  ///< of the request
};

/// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n".
std::string date_line(std::chrono::sys_seconds time);

/// Whether an answer of this status has a body at all.
bool has_body(int status) noexcept;

/// Appends the status line and the header of `response`, up to the empty line.
void append_head(std::string& out, const Response& response, const HeadOptions& options);

}  // namespace provender::http
