#pragma once

#include "provender/historical.hpp"

#include "cli/session.hpp"

namespace provender::cli {

/// How training rows will be made, as `historical --explain` shows it.
void out_join_plan(const HistoricalPlan& plan, Session& session);

}  // namespace provender::cli
