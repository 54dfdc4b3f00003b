#pragma once

#include <string>
#include <vector>

#include "model/selection.hpp"
#include "offline/duckdb/row_counter.hpp"
#include "offline/source_relation.hpp"

namespace provender::offline {

/// Places in a view of the features of it that a selection asks for in its view number `index`.
std::vector<std::size_t> asked_features(const FeatureView& view,
                                        const Selection& selection,
                                        std::size_t index);

/// The sources of CSV and SQL that the views of a selection read: each is read once, into a
/// temporary table that they share. Confined to one thread.
class StagedSources {
 public:
  /// All must outlive it; `counter` is known in the database of the tables.
  StagedSources(const Definitions& definitions, const Selection& selection, RowCounter& counter)
      : definitions_(definitions), selection_(selection), counter_(counter) {}

  /// The table of a source, made by the first call: with what all views of the selection read of
  /// it, the rows of CSV in the order of the files and in them. `shape` is that of the source.
  Result<std::string> table(Connection& connection, const Source& source, const SourceShape& shape);

  /// Says that one of the views has rows of its own by now: the table goes with the last of them.
  Result<> leave(Connection& connection, const Source& source);

  RowProgress& progress() { return counter_.progress(); }

 private:
  struct Staged {
    const Source* source = nullptr;
    std::string table;
    std::size_t views = 0;  ///< that have not left it
  };
  /// The views of the selection that read it.
  std::vector<std::size_t> readers_of(const Source& source) const;
  std::vector<std::string> columns_of(const std::vector<std::size_t>& views,
                                      const SourceShape& shape) const;
  const FeatureView& view(std::size_t index) const;

  const Definitions& definitions_;
  const Selection& selection_;
  RowCounter& counter_;
  std::vector<Staged> staged_;
};

}  // namespace provender::offline
