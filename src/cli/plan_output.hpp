#pragma once

#include <string>

#include "provender/plan.hpp"

#include "base/json/writer.hpp"
#include "cli/console.hpp"

namespace provender::cli {

/// What a plan would change, and with what consequence, as lines for people.
std::string plan_text(const Plan& plan, const Terminal& terminal);

/// The members of a plan as JSON.
void write_plan(json::Writer& writer, const Plan& plan);

/// The members of an applied version as JSON.
void write_version(json::Writer& writer, const Version& version);

}  // namespace provender::cli
