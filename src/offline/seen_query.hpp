#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "provender/historical.hpp"

#include "offline/source_relation.hpp"

/// The rows asked about where no spine is given, made of what the sources have, as SQL. Text in,
/// text out.
namespace provender::offline {

/// A view that is asked for: its rows, and the request's column for each of its join keys.
struct SeenView {
  const SourceRelation& relation;
  std::span<const std::string> request_keys;
};

struct SeenRequest {
  std::vector<std::string> keys;  ///< the request's columns, each of which every view has
  std::string event_timestamp;    ///< the time's column
  std::optional<TimeRange> range;
  std::optional<Timestamp> at;  ///< in place of a range
  bool strictly_before = false;
  bool known_by_created = false;
};

/// A SELECT of the keys and the time, each row once, in order of time, then of the keys. Of a
/// range: all that the views have in it. At a time: each key that has a row by then, and that time.
std::string compile_seen(std::span<const SeenView> views, const SeenRequest& request);

}  // namespace provender::offline
