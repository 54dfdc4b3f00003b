#include "oracle.hpp"

#include <algorithm>
#include <cmath>

namespace provender::oracle {
namespace {

template <class T>
int compare_plain(const T& a, const T& b) {
  return a < b ? -1 : static_cast<int>(b < a);
}

template <class T>
int compare_float(T a, T b) {
  if (std::isnan(a) != std::isnan(b)) return std::isnan(a) ? 1 : -1;
  if (!std::isnan(a) && a != b) return a < b ? -1 : 1;
  return static_cast<int>(std::signbit(b)) - static_cast<int>(std::signbit(a));
}

bool has_no_value(const SourceRow& row) {
  return !row.event_timestamp || std::ranges::any_of(row.key, &Value::is_null);
}

/// Rule 1: whether `a` wins over `b`, which stands before it in the source.
bool wins(const Table& table, const SourceRow& a, const SourceRow& b) {
  if (a.event_timestamp != b.event_timestamp) return *a.event_timestamp > *b.event_timestamp;
  // nullopt is the least optional.
  if (table.declares_created && a.created_timestamp != b.created_timestamp) {
    return a.created_timestamp > b.created_timestamp;
  }
  return !table.ties_by_features || compare(a.features, b.features) > 0;
}

/// Whether a row can be known at the time asked about.
bool is_seen(const Table& table, const SourceRow& row, const Question& question) {
  if (has_no_value(row)) return false;
  const Timestamp t = *question.t;
  if (question.strictly_before ? *row.event_timestamp >= t : *row.event_timestamp > t) return false;
  if (!question.known_by_created || !table.declares_created) return true;
  return row.created_timestamp && *row.created_timestamp <= t;
}

}  // namespace

int compare(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) {
    return static_cast<int>(b.is_null()) - static_cast<int>(a.is_null());
  }
  return std::visit(
      [&](const auto& left) -> int {
        using T = std::decay_t<decltype(left)>;
        const auto& right = std::get<T>(b.storage);
        if constexpr (std::is_same_v<T, ValueList>) {
          return compare(std::span(left), std::span(right));
        } else if constexpr (std::is_floating_point_v<T>) {
          return compare_float(left, right);
        } else {
          return compare_plain(left, right);
        }
      },
      a.storage);
}

int compare(std::span<const Value> a, std::span<const Value> b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const int order = compare(a[i], b[i]); order != 0) return order;
  }
  return compare_plain(a.size(), b.size());
}

Answer ask(const Table& table, const Question& question) {
  Answer out;
  if (!question.t || std::ranges::any_of(question.key, &Value::is_null)) return out;
  for (const SourceRow& row : table.rows) {
    if (row.key != question.key || !is_seen(table, row, question)) continue;
    if (out.row == nullptr || wins(table, row, *out.row)) out.row = &row;
  }
  if (out.row != nullptr && table.ttl) {
    out.outside_max_age = *out.row->event_timestamp < minus_saturating(*question.t, *table.ttl);
  }
  return out;
}

Status Answer::status(std::size_t feature) const {
  if (row == nullptr) return Status::NotFound;
  if (outside_max_age) return Status::OutsideMaxAge;
  return row->features[feature].is_null() ? Status::NullValue : Status::Present;
}

Value Answer::value(std::size_t feature) const {
  return status(feature) == Status::Present ? row->features[feature] : Value{};
}

std::vector<const SourceRow*> latest(const Table& table, Timestamp end) {
  std::vector<const SourceRow*> out;
  for (const SourceRow& row : table.rows) {
    const auto same_key = [&](const SourceRow* other) { return other->key == row.key; };
    if (has_no_value(row) || std::ranges::any_of(out, same_key)) continue;
    if (const Answer winner = ask(table, {.key = row.key, .t = end}); winner.row != nullptr) {
      out.push_back(winner.row);
    }
  }
  std::ranges::sort(
      out, [](const SourceRow* a, const SourceRow* b) { return compare(a->key, b->key) < 0; });
  return out;
}

std::vector<Seen> seen_between(const Table& table, Timestamp start, Timestamp end) {
  std::vector<Seen> out;
  for (const SourceRow& row : table.rows) {
    if (has_no_value(row) || *row.event_timestamp < start || *row.event_timestamp >= end) continue;
    out.push_back({.key = row.key, .t = *row.event_timestamp});
  }
  return out;
}

std::vector<Seen> seen_at(const Table& table, const Question& asked) {
  std::vector<Seen> out;
  for (const SourceRow& row : table.rows) {
    if (is_seen(table, row, asked)) out.push_back({.key = row.key, .t = *asked.t});
  }
  return out;
}

void sort_and_unite(std::vector<Seen>& seen) {
  std::ranges::sort(seen, [](const Seen& a, const Seen& b) {
    return a.t != b.t ? a.t < b.t : compare(a.key, b.key) < 0;
  });
  const auto twins = std::ranges::unique(
      seen, [](const Seen& a, const Seen& b) { return a.t == b.t && a.key == b.key; });
  seen.erase(twins.begin(), twins.end());
}

}  // namespace provender::oracle
