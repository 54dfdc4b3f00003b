#pragma once

#include <string_view>

#include "provender/error.hpp"

#include "http/message.hpp"
#include "wire/read_request.hpp"

namespace provender::server {

/// Answers with the error in the form that clients of that form of request read.
void write_error(http::Response& response,
                 const Error& error,
                 wire::ReadRequest::Form form,
                 bool of_service = false);

/// The same where the body has not been read: its form is guessed from its bytes.
void write_error(http::Response& response, const Error& error, std::string_view body = {});

void write_text(http::Response& response, int status, std::string_view text);

}  // namespace provender::server
