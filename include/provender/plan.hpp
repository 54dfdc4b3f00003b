#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "provender/export.hpp"
#include "provender/types.hpp"

namespace provender {

enum class Action : std::uint8_t { Create, Change, Delete };
PROVENDER_EXPORT std::string_view to_string(Action action) noexcept;

/// One object that differs from what is applied.
struct Change {
  Action action;
  std::string kind;  ///< "entity", "SQL view", "feature view", "feature service"
  std::string name;
  std::vector<std::string> details;       ///< "ttl: 7d → 30d", "feature age added (int32)"
  std::vector<std::string> consequences;  ///< "is materialized anew: the type of rating changes;
                                          ///< the old values serve until then"
  bool breaking = false;  ///< readers of what is removed or retyped will fail or see another type
};

/// What applying the definitions would change.
struct Plan {
  std::uint64_t base_version = 0;  ///< the applied version that it was made against
  std::vector<Change> changes;     ///< empty: nothing to apply
  std::vector<std::string>
      ambiguous;  ///< bare feature names that were clear before and no longer are
  std::vector<std::string> to_materialize;  ///< views that need a run

  bool empty() const { return changes.empty(); }
  PROVENDER_EXPORT std::string summary() const;  ///< "2 created, 1 changed"
};

/// One applied version.
struct Version {
  std::uint64_t version = 0;
  Timestamp applied_at;
  std::string applied_by;  ///< user@host
  std::string summary;     ///< "3 created, 1 changed"
};

}  // namespace provender
