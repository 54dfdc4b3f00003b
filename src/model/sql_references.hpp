#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/definitions.hpp"

namespace provender {

/// The names, in lower case, that `sql` reads as tables: those behind FROM and JOIN that are
/// neither paths, table functions nor WITH queries of its own. Found lexically: columns, strings
/// and comments do not count.
std::set<std::string> referenced_tables(std::string_view sql);

/// The SQL views that a source reads, directly or through others; each behind those that it reads
/// itself.
std::vector<const SqlView*> needed_sql_views(const Definitions& definitions, const Source& source);

/// Each cycle of SQL views once, as the names along it: {a, b} where a reads b and b reads a.
std::vector<std::vector<const SqlView*>> cycles_of_sql_views(const Definitions& definitions);

}  // namespace provender
