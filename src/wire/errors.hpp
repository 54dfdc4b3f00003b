#pragma once

#include <string>

#include "provender/error.hpp"

namespace provender::wire {

/// The HTTP status for an error (docs/reference/errors.md).
int http_status(ErrorCode code) noexcept;

/// Where a request is wrong, for programs; empty where that is not known.
struct ErrorDetails {
  std::string field;    ///< `features`, `entities.user_id[3]`
  std::string nearest;  ///< what the field's name most likely means
};

/// Appends {"error":{"code","message","details":{}}}, in the details what is known of them.
void write_error(std::string& out, const Error& error, const ErrorDetails& details = {});

/// Appends the error as Feast's clients read it: a JSON string that holds
/// {"module","class","message"}. `of_service`: a feature service was asked for, so that is what a
/// NotFound has not found.
void write_feast_error(std::string& out, const Error& error, bool of_service = false);

}  // namespace provender::wire
