#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"

namespace provender::cli {

/// Does what a command line asks, tells of a failure on the console, and returns the exit code.
/// `words` are without the program's name.
int run(std::span<const std::string> words,
        const Services& services,
        Console& console,
        const Clock& clock,
        const std::stop_token& stop);

}  // namespace provender::cli
