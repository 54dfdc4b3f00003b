#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/problem.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// Compares a view with its source: every column there (nearest name otherwise), types compatible
/// without loss, event and created timestamps are timestamps (or integers with a declared unit).
/// Pure.
std::vector<Problem> check_source(const Definitions& definitions,
                                  const FeatureView& view,
                                  const SourceInfo& source);

/// What the sources of a project's definitions turned out to be.
struct ResolvedSources {
  std::vector<Problem> problems;              ///< each with its place in the definitions
  std::map<std::string, std::uint64_t> rows;  ///< by view, where the files' metadata tells
};

/// Inspects all SQL views and the sources of all feature views, checks them, and gives every join
/// key without a type the type of its column in the sources (which must agree). A SQL view that is
/// wrong is said once, not for each that reads it. An Error only when stopped.
Result<ResolvedSources> resolve_sources(OfflineStore& store,
                                        Definitions& definitions,
                                        const Control& control);

}  // namespace provender::offline
