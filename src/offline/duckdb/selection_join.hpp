#pragma once

#include "provender/historical.hpp"

#include "model/selection.hpp"
#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/historical_query.hpp"

namespace provender::offline {

/// Joins the views of a selection to their spines by DuckDB's ASOF join. Confined to one thread.
class SelectionJoin {
 public:
  struct Options {
    bool strictly_before = false;
    bool known_by_created = false;
  };
  SelectionJoin(Connection& connection,
                const ProjectFiles& files,
                const Definitions& definitions,
                const Selection& selection)
      : connection_(connection), files_(files), definitions_(definitions), selection_(selection) {}

  /// Joins view number `index` to the table `spine_table`, and drops what it needed for that.
  Result<ViewReport> join_view(std::size_t index,
                               const std::string& spine_table,
                               const Options& options);

  static std::string result_table(std::size_t index);
  /// In the order of the selection's features.
  std::vector<ResultColumn> columns() const;
  std::vector<std::string> result_tables() const;
  const FeatureView& view(std::size_t index) const;
  /// Place in its view of the selection's feature.
  std::size_t place(const SelectedFeature& feature) const;

 private:
  Connection& connection_;
  const ProjectFiles& files_;
  const Definitions& definitions_;
  const Selection& selection_;
};

/// The selection's keys with the types of the views that use them.
Result<std::vector<RequestKey>> typed_keys(const Definitions& definitions,
                                           const Selection& selection);

}  // namespace provender::offline
