#pragma once

#include <span>

#include "scenario.hpp"

#include "offline/duckdb/test_project.hpp"

namespace provender::scenario {

/// Writes a file of the project: Parquet or CSV by its extension.
void write_table(offline::TestProject& project, const std::string& file, const Table& table);

/// Does the sections from top to bottom in a project of their own; failures are the test's. Throws
/// what is wrong with the scenario itself.
void run_scenario(std::span<const Section> sections, offline::JoinEngine engine);

}  // namespace provender::scenario
