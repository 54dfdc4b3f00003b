#pragma once

#include <optional>
#include <string>

#include "random_case.hpp"

#include "offline/duckdb/test_project.hpp"

namespace provender::oracle {

/// Writes all sources and the spine, to `spine.parquet`.
void write_case(const RandomCase& c, offline::TestProject& project);

/// How an engine's answer differs from what is expected.
struct Difference {
  bool is_error = false;  ///< it gave none
  std::string text;
};

/// Asks an engine for the training rows of a case, to the file `out` of a project that has it.
Result<HistoricalReport> ask_engine(const RandomCase& c,
                                    const offline::TestProject& project,
                                    offline::JoinEngine engine,
                                    const std::string& out);

/// Asks each engine for the training rows of a case, and compares all that it gives, its report
/// included.
std::optional<Difference> run_case(const RandomCase& c);

}  // namespace provender::oracle
