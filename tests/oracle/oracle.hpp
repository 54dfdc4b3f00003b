#pragma once

#include <optional>
#include <span>
#include <vector>

#include "provender/value.hpp"

/// Rules 1-4 and 8 of docs/design/semantics.md, stated as plainly as can be: every question looks
/// at every row. Slow on purpose, and written apart from the engine that it judges.
namespace provender::oracle {

struct SourceRow {
  std::vector<Value> key;
  std::optional<Timestamp> event_timestamp;
  std::optional<Timestamp> created_timestamp;
  std::vector<Value> features;
  std::size_t times = 1;  ///< how often it is there, one behind the other
};

/// A view's source: rows in ingest order, and what the view says of it.
struct Table {
  std::vector<SourceRow> rows;
  bool declares_created = false;
  bool ties_by_features = false;  ///< a SQL source: rows have no order of their own
  std::optional<Duration> ttl;
};

struct Question {
  std::vector<Value> key;  ///< any part may be null
  std::optional<Timestamp> t;
  bool strictly_before = false;
  bool known_by_created = false;
};

struct Answer {
  const SourceRow* row = nullptr;  ///< the newest row; null: none
  bool outside_max_age = false;

  Status status(std::size_t feature) const;
  Value value(std::size_t feature) const;
};

Answer ask(const Table& table, const Question& question);

/// The winning row of each key at `end`, whatever its age, in order of the keys.
std::vector<const SourceRow*> latest(const Table& table, Timestamp end);

/// A key and a time that a table tells of.
struct Seen {
  std::vector<Value> key;
  Timestamp t;
};

/// The key and event timestamp of each row from `start` on, before `end`.
std::vector<Seen> seen_between(const Table& table, Timestamp start, Timestamp end);

/// The key of each row that `asked` may see at its time, and that time. Its key is not looked at.
std::vector<Seen> seen_at(const Table& table, const Question& asked);

/// Each once, in order of time, then of the keys.
void sort_and_unite(std::vector<Seen>& seen);

/// A total order of values of one type: null, then by value; -0.0 before 0.0, NaN last; lists
/// element by element.
int compare(const Value& a, const Value& b);
int compare(std::span<const Value> a, std::span<const Value> b);

}  // namespace provender::oracle
