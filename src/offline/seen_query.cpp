#include "offline/seen_query.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

std::int64_t microseconds(Timestamp time) {
  return time.time_since_epoch().count();
}

std::string condition(const SourceRelation& relation, const SeenRequest& request) {
  if (request.range) {
    return fmt::format("ts >= {} AND ts < {}",
                       microseconds(request.range->start),
                       microseconds(request.range->end));
  }
  const std::int64_t at = microseconds(*request.at);
  std::string out = fmt::format("ts {} {}", request.strictly_before ? "<" : "<=", at);
  if (request.known_by_created && relation.has_created) {
    out += fmt::format(" AND created <= {}", at);
  }
  return out;
}

std::string rows_of(const SeenView& view, const SeenRequest& request) {
  std::string items;
  for (const std::string& key : request.keys) {
    const auto found = std::ranges::find(view.request_keys, key);
    items += fmt::format("k{} AS {}, ", found - view.request_keys.begin(), sql::identifier(key));
  }
  return fmt::format(
      "SELECT {}{} AS t FROM ({}) WHERE {}",
      items,
      request.range ? "ts" : fmt::format("CAST({} AS BIGINT)", microseconds(*request.at)),
      compile_relation(view.relation, /*with_features=*/false),
      condition(view.relation, request));
}

}  // namespace

std::string compile_seen(std::span<const SeenView> views, const SeenRequest& request) {
  std::vector<std::string> selects;
  for (const SeenView& view : views) {
    selects.push_back(rows_of(view, request));
  }
  std::vector<std::string> keys;
  for (const std::string& key : request.keys) {
    keys.push_back(sql::identifier(key));
  }
  const std::string names = sql::join(keys, ", ");
  return fmt::format(
      "SELECT {0}, make_timestamp(t) AS {1} FROM (SELECT DISTINCT * FROM ({2})) ORDER BY t, {0}",
      names,
      sql::identifier(request.event_timestamp),
      sql::join(selects, " UNION ALL "));
}

}  // namespace provender::offline
