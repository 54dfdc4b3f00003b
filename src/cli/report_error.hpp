#pragma once

#include <string>
#include <string_view>

#include "provender/error.hpp"

#include "cli/console.hpp"

namespace provender::cli {

/// "error: message"; the lines after the first stand below the message.
std::string error_text(std::string_view message, const Terminal& terminal);

/// The error as HTTP replies write it, on one line.
std::string error_json(const Error& error);

}  // namespace provender::cli
