#pragma once

#include <string>

#include "provender/error.hpp"

namespace provender::wire {

/// The HTTP status for an error (docs/reference/errors.md).
int http_status(ErrorCode code) noexcept;

/// Appends {"error":{"code","message","details":{}}}.
void write_error(std::string& out, const Error& error);

/// Appends the error as Feast's clients read it: a JSON string that holds
/// {"module","class","message"}. `of_service`: a feature service was asked for, so that is what a
/// NotFound has not found.
void write_feast_error(std::string& out, const Error& error, bool of_service = false);

}  // namespace provender::wire
