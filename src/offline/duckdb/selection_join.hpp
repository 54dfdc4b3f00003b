#pragma once

#include "provender/historical.hpp"

#include "model/selection.hpp"
#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/point_in_time_join.hpp"
#include "offline/duckdb/project_files.hpp"

namespace provender::offline {

/// Joins the views of a selection to their spines. Confined to one thread.
class SelectionJoin {
 public:
  struct Options {
    bool strictly_before = false;
    bool known_by_created = false;
  };
  SelectionJoin(Connection& connection,
                const ProjectFiles& files,
                const Definitions& definitions,
                const Selection& selection,
                PointInTimeJoin& join)
      : connection_(connection),
        files_(files),
        definitions_(definitions),
        selection_(selection),
        join_(join) {}

  /// Joins view number `index` to the table `spine_table`, and drops what it needed for that.
  Result<ViewReport> join_view(std::size_t index,
                               const std::string& spine_table,
                               const Options& options);

  static std::string result_table(std::size_t index);
  /// The answer's columns, in the order of the selection.
  std::vector<AnswerColumn> columns() const;
  std::vector<std::string> result_tables() const;
  const FeatureView& view(std::size_t index) const;
  /// Place in its view of the selection's feature.
  std::size_t place(const SelectedFeature& feature) const;

 private:
  Connection& connection_;
  const ProjectFiles& files_;
  const Definitions& definitions_;
  const Selection& selection_;
  PointInTimeJoin& join_;
};

/// The selection's keys with the types of the views that use them.
Result<std::vector<RequestKey>> typed_keys(const Definitions& definitions,
                                           const Selection& selection);

}  // namespace provender::offline
