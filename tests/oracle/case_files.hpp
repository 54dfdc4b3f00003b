#pragma once

#include <string>

#include "random_case.hpp"
#include "scenario.hpp"

/// A random case as files, and as the text of a scenario.
namespace provender::oracle {

/// The name of file number `file` of a view's source, in its project.
std::string source_file(const RandomCase& c, std::size_t view, std::size_t file);
/// What it holds; `index`: of the view.
scenario::Table source_table(const RandomCase& c, std::size_t index, std::size_t file);
scenario::Table spine_table(const RandomCase& c);
/// The rows asked about: the spine's, or what the views tell.
std::vector<SpineRow> asked_rows(const RandomCase& c);

/// What the oracle answers, with the status of each feature.
scenario::Table expected_table(const RandomCase& c);

/// The case as a file for tests/scenarios, with the oracle's answer.
std::string to_scenario(const RandomCase& c);

/// What the oracle is asked for one row of the spine and one view of the selection.
Question question(const RandomCase& c, const SpineRow& row, const SelectedView& view);
/// The place of a view among those declared, and of a selected feature in its view.
std::size_t view_place(const RandomCase& c, const SelectedView& view);
std::size_t feature_place(const RandomCase& c, const SelectedFeature& feature);

}  // namespace provender::oracle
