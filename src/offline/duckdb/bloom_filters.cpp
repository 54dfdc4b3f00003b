#include "offline/duckdb/bloom_filters.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

/// Of more keys, hardly a row group has none; and each is asked about by itself.
constexpr std::size_t kFewKeys = 16;

/// Row groups of a part, by their place in it.
using GroupPlaces = std::set<std::size_t>;

/// Types whose values in a file are compared as they are. DuckDB's filters of bytes are not sound.
bool is_asked(const SourceRelation::Column& key) {
  const NativeType native = parse_native_type(key.native_type);
  return !native.is_list && key.conversion.is_exact.empty() &&
         (key.native_type == "VARCHAR" || native.kind == NativeKind::Integer);
}

const std::string& text_at(const Value& value) {
  return std::get<std::string>(value.storage);
}

class Filters {
 public:
  Filters(Connection& connection, const FilterRequest& request)
      : connection_(connection), request_(request) {}

  /// Those that nobody needs in any role.
  Result<GroupPlaces> unneeded(std::size_t part) {
    GroupPlaces out;
    for (std::size_t i = 0; i < request_.group.roles.size(); ++i) {
      PROVENDER_ASSIGN(const GroupPlaces some, without_keys(part, request_.group.roles[i]));
      if (i == 0) {
        out = some;
      } else {
        std::erase_if(out, [&](std::size_t place) { return !some.contains(place); });
      }
    }
    return out;
  }

 private:
  /// Those that lack a part of each key of a role.
  Result<GroupPlaces> without_keys(std::size_t part, std::size_t role) {
    GroupPlaces out;
    const auto& columns = request_.group.relation().parts[part].columns;
    const auto& names = request_.roles[role];
    for (std::size_t k = 0; k < names.size(); ++k) {
      if (!is_asked(columns[k])) continue;
      PROVENDER_ASSIGN(const auto values, values_of(names[k], columns[k].native_type));
      PROVENDER_ASSIGN(GroupPlaces some, without_values(values, part, columns[k].source));
      out.merge(some);
    }
    return out;
  }

  /// The values of a column of the spine that a column of this type may have, as its SQL literals.
  Result<std::vector<std::string>> values_of(const std::string& name, const std::string& type) {
    const auto key = std::ranges::find(request_.keys, name, &RequestKey::name);
    const SourceRelation::Column& column =
        request_.spine.key_and_time()[static_cast<std::size_t>(key - request_.keys.begin())];
    PROVENDER_ASSIGN(const Rows rows,
                     connection_.query(fmt::format(
                         "SELECT DISTINCT CAST({0} AS VARCHAR) FROM {1} WHERE {2} AND "
                         "TRY_CAST({0} AS {3}) IS NOT NULL ORDER BY 1",
                         column.conversion.value,
                         request_.spine.from(),
                         request_.spine.is_row_of(request_.range.begin, request_.range.end),
                         type)));
    std::vector<std::string> out;
    for (const auto& row : rows) {
      if (text_at(row[0]).contains('\0')) return std::vector<std::string>{};  // no literal has one
      out.push_back(fmt::format("CAST({} AS {})", sql::literal(text_at(row[0])), type));
    }
    return out;
  }

  Result<bool> has_filters(const std::vector<std::string>& files, const std::string& column) {
    PROVENDER_ASSIGN(
        const Rows rows,
        connection_.query(fmt::format("SELECT count(bloom_filter_offset) FROM parquet_metadata({}) "
                                      "WHERE path_in_schema = {}",
                                      sql::literal_list(files),
                                      sql::literal(column))));
    return std::get<std::int64_t>(rows[0][0].storage) > 0;
  }

  Result<GroupPlaces> without_values(const std::vector<std::string>& values,
                                     std::size_t part,
                                     const std::string& column) {
    const auto& files = request_.group.relation().parts[part].source.files;
    GroupPlaces out;
    if (values.empty()) return out;
    PROVENDER_ASSIGN(const bool any, has_filters(files, column));
    if (!any) return out;
    std::vector<std::string> asked;
    for (const std::string& value : values) {
      asked.push_back(fmt::format("SELECT * FROM parquet_bloom_probe({}, {}, {})",
                                  sql::literal_list(files),
                                  sql::literal(column),
                                  value));
    }
    PROVENDER_ASSIGN(
        const Rows rows,
        connection_.query(fmt::format("SELECT bool_and(bloom_filter_excludes) FROM ({}) GROUP BY "
                                      "file_name, row_group_id ORDER BY list_position({}, "
                                      "file_name), row_group_id",
                                      sql::join(asked, " UNION ALL "),
                                      sql::literal_list(files))));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (std::get<bool>(rows[i][0].storage)) out.insert(i);
    }
    return out;
  }

  Connection& connection_;
  const FilterRequest& request_;
};

bool has_few_keys(const FilterRequest& request, const GroupPlan& plan) {
  return std::ranges::all_of(request.group.roles, [&](std::size_t role) {
    const std::size_t keys = request.rows.index(role).size();
    return keys <= kFewKeys && keys < plan.row_groups_read;
  });
}

/// Leaves out of the row groups that are read those at some places of all; the rows in them.
std::uint64_t leave_out(std::vector<RowGroup>& read,
                        const std::vector<RowGroup>& all,
                        const GroupPlaces& places) {
  std::uint64_t rows = 0;
  std::erase_if(read, [&](const RowGroup& group) {
    const auto at = std::ranges::find_if(all, [&](const RowGroup& other) {
      return other.file == group.file && other.begin == group.begin;
    });
    // Flaws are counted or reported, whatever the keys.
    const bool unneeded =
        group.is_flawless && places.contains(static_cast<std::size_t>(at - all.begin()));
    if (unneeded) rows += static_cast<std::uint64_t>(group.rows());
    return unneeded;
  });
  return rows;
}

}  // namespace

Result<GroupPlan> without_filtered(Connection& connection,
                                   const FilterRequest& request,
                                   GroupPlan plan) {
  if (request.group.is_staged() || !has_few_keys(request, plan)) return plan;
  Filters filters(connection, request);
  plan.row_groups_read = 0;
  for (std::size_t part = 0; part < plan.read.size(); ++part) {
    PROVENDER_ASSIGN(const GroupPlaces places, filters.unneeded(part));
    plan.skipped_rows += leave_out(plan.read[part], request.group.row_groups[part], places);
    plan.row_groups_read += plan.read[part].size();
  }
  return plan;
}

}  // namespace provender::offline
