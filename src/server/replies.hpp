#pragma once

#include <string_view>

#include "provender/error.hpp"

#include "http/message.hpp"
#include "wire/read_request.hpp"

namespace provender::server {

/// Answers with the error in the form that clients of that form of request read.
void write_error(http::Response& response, const Error& error, const wire::ReadRequest& request);

/// The same where the body of the request has not been read: its form is guessed from its bytes.
void write_error(http::Response& response, const Error& error, std::string_view request = {});

void write_text(http::Response& response, int status, std::string_view text);

}  // namespace provender::server
