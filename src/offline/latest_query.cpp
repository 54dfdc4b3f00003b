#include "offline/latest_query.hpp"

#include <fmt/format.h>

namespace provender::offline {

std::string compile_latest(const SourceRelation& relation,
                           const FeatureView& view,
                           Timestamp end,
                           bool many_per_key) {
  const auto micros = end.time_since_epoch().count();
  const std::string keys = key_list(relation.keys);
  std::string features;
  for (const std::size_t i : relation.features) {
    features += fmt::format(", f{}", i);
  }
  std::string only_last;
  if (many_per_key) {
    only_last = fmt::format(
        " SEMI JOIN (SELECT {0}, max(ts) AS ts FROM ({1}) WHERE ts <= {2} GROUP BY {0}) g ON {3} "
        "AND "
        "h.ts = g.ts",
        keys,
        compile_relation(relation, /*with_features=*/false),
        micros,
        keys_equal(relation.keys, "h", "g"));
  }
  return fmt::format(
      "SELECT {0}, ts, created{1} FROM ({2}) h{3} WHERE ts <= {4} ORDER BY {0}, ts DESC, {5}",
      keys,
      features,
      compile_relation(relation, /*with_features=*/true),
      only_last,
      micros,
      tie_order(relation, view));
}

}  // namespace provender::offline
