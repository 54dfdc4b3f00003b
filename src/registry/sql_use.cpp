#include "registry/sql_use.hpp"

#include "model/sql_references.hpp"

namespace provender::registry {

std::map<std::string, std::string> sql_used(const Definitions& definitions, const Source& source) {
  std::map<std::string, std::string> used;
  for (const auto* view : needed_sql_views(definitions, source)) {
    used[view->name] = view->sql;
  }
  return used;
}

}  // namespace provender::registry
