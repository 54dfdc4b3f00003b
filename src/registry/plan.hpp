#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "provender/plan.hpp"

#include "registry/snapshot.hpp"

namespace provender::registry {

/// How many rows the source of a view has, where that is known.
using SourceRows = std::map<std::string, std::uint64_t>;

/// What applying `proposed` would change; `rows` are told where a view is to be materialized. Pure.
/// Join keys without a type are taken to keep the type that is applied.
Plan make_plan(const Snapshot& applied, const Definitions& proposed, const SourceRows& rows);

/// What an apply must do with the stored rows of a view.
enum class StorageChange : std::uint8_t {
  None,       ///< rows stay as they are
  NewSchema,  ///< features were added or removed: rows keep their store id
  NewStore,   ///< a type or the source changed: a new generation is built while the old one serves
  NewKeys,    ///< the join keys changed: a new generation serves at once, empty until it is
              ///< materialized
};

/// The greatest change that the two versions of a view call for. The source changes with the SQL
/// views that it reads and with the columns of features that both versions have.
StorageChange storage_change(const Definitions& before,
                             const FeatureView& old_view,
                             const Definitions& after,
                             const FeatureView& new_view);

}  // namespace provender::registry
