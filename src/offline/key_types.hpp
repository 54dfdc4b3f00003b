#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/problem.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// The column, once for each type that it has.
std::vector<const SourceColumn*> columns_named(const SourceInfo& source, std::string_view name);

/// Gives untyped join keys the types of their columns in the sources. Confined to one thread.
class KeyTyper {
 public:
  /// What the source of a view says of the keys of its entities.
  void note(const Definitions& definitions, const FeatureView& view, const SourceInfo& source);

  /// Of an entity whose sources could not be read nothing more is said.
  void skip(const FeatureView& view) { failed_.insert(view.entities.begin(), view.entities.end()); }

  /// Fills in the types; what is wrong with them.
  std::vector<Problem> assign(Definitions& definitions);

 private:
  struct Found {
    Type type;
    std::string view;
  };

  void note(const std::string& entity,
            const JoinKey& key,
            const FeatureView& view,
            const SourceColumn& column);

  std::map<std::pair<std::string, std::string>, Found> types_;  ///< by entity and key
  std::set<std::string> failed_;                                ///< entities
  std::vector<Problem> problems_;
};

}  // namespace provender::offline
