#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "pit/role_join.hpp"

/// For tests only: random spines and sources, and the naive answer.
namespace provender::pit {

struct TestCase {
  struct Asked {
    std::uint32_t entity;
    std::int64_t t;
  };
  std::vector<Asked> spine;
  std::uint32_t entities = 0;
  // The source, in ingest order.
  std::vector<std::uint32_t> entity;
  std::vector<std::int64_t> ts;
  std::vector<std::int64_t> created;
  std::vector<std::int64_t> row;

  SourceBatch batch(std::size_t begin, std::size_t end, bool has_created) const {
    return {.rows = end - begin,
            .entity = entity.data() + begin,
            .ts = ts.data() + begin,
            .created = has_created ? created.data() + begin : nullptr,
            .row = row.data() + begin,
            .row_base = 1000};
  }

  /// Rule 1 for one row of the spine, word by word.
  SourceRow best(const Asked& asked, Variant variant, bool has_created) const {
    SourceRow out;
    const SourceBatch all = batch(0, ts.size(), has_created);
    for (std::size_t i = 0; i < ts.size(); ++i) {
      if (entity[i] != asked.entity || entity[i] == kNoEntity || asked.t == kNoTime) continue;
      const SourceRow source = all.at(i);
      if (variant.strictly_before ? source.ts >= asked.t : source.ts > asked.t) continue;
      if (variant.known_by && (source.created == kNoTime || source.created > asked.t)) continue;
      out = std::max(out, source);
    }
    return out;
  }
};

/// How near to the order of its times a source comes.
enum class Order : std::uint8_t { Sorted, LateRows, Clustered, Random };

struct TestCaseSize {
  std::size_t spine = 0;
  std::size_t source = 0;
  std::uint32_t entities = 0;
  std::int64_t times = 0;
  std::uint32_t unasked =
      1;  ///< of eight rows of the source, those of a key that nobody asks about
};

inline TestCase make_test_case(std::uint64_t seed, Order order, TestCaseSize size) {
  std::mt19937_64 random(seed);
  const auto below = [&](auto bound) {
    return static_cast<decltype(bound)>(random() % static_cast<std::uint64_t>(bound));
  };
  TestCase out{.entities = size.entities};
  for (std::size_t i = 0; i < size.spine; ++i) {
    out.spine.push_back({.entity = below(10U) == 0 ? kNoEntity : below(size.entities),
                         .t = below(20) == 0 ? kNoTime : below(size.times)});
  }
  std::vector<TestCase::Asked> rows;
  for (std::size_t i = 0; i < size.source; ++i) {
    rows.push_back({.entity = below(8U) < size.unasked ? kNoEntity : below(size.entities),
                    .t = below(size.times)});
  }
  if (order == Order::Sorted || order == Order::LateRows) {
    std::ranges::stable_sort(rows, {}, &TestCase::Asked::t);
  }
  if (order == Order::Clustered) {
    std::ranges::stable_sort(
        rows, {}, [](const auto& row) { return std::pair(row.entity, row.t); });
  }
  for (std::size_t i = 0; order == Order::LateRows && i < rows.size() / 10; ++i) {
    std::swap(rows[below(rows.size())], rows[below(rows.size())]);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.entity.push_back(rows[i].entity);
    out.ts.push_back(rows[i].t);
    out.created.push_back(below(5) == 0 ? kNoTime : below(size.times));
    out.row.push_back(static_cast<std::int64_t>(i));
  }
  return out;
}

/// The spine of a case as the kernel has it.
struct TestSpine {
  explicit TestSpine(const TestCase& c)
      : order(times_of(c)), role(order, entities_of(c), c.entities) {}

  static std::vector<std::int64_t> times_of(const TestCase& c) {
    std::vector<std::int64_t> out;
    for (const auto& asked : c.spine) {
      out.push_back(asked.t);
    }
    return out;
  }
  static std::vector<std::uint32_t> entities_of(const TestCase& c) {
    std::vector<std::uint32_t> out;
    for (const auto& asked : c.spine) {
      out.push_back(asked.entity);
    }
    return out;
  }

  TimeOrder order;
  RoleSpine role;
};

}  // namespace provender::pit
