#include "pit/answers.hpp"

#include <numeric>
#include <utility>
#include <vector>

#include "pit/parts.hpp"
#include "pit/row_ranks.hpp"

namespace provender::pit {
namespace {

/// Two steps over the positions, each of which may be cut into parts.
class Judge {
 public:
  Judge(const RoleSpine& spine,
        const SourceRows& best,
        std::optional<Duration> ttl,
        const std::stop_token& stop)
      : spine_(spine), best_(best), ttl_(ttl), stop_(stop) {
    out_.places.assign(spine.order().spine_rows(), Answers::kNotFound);
  }

  Answers judge(const Parallel& parallel) {
    const std::size_t parts = parallel.parts_of(best_.size());
    given_.emplace_back(best_.size());
    for (std::size_t part = 1; part < parts; ++part) {
      given_.emplace_back(best_.size() / parts + 1);
    }
    created_after_.resize(parts);
    parallel.for_parts_of(best_.size(), [&](std::size_t part, std::size_t begin, std::size_t end) {
      mark(part, begin, end);
    });
    for (; given_.size() > 1; given_.pop_back()) {
      given_.front().add_all(given_.back());
    }
    out_.winners = given_.front().finish(stop_);
    out_.created_after = std::reduce(created_after_.begin(), created_after_.end());
    if (stop_.stop_requested()) return std::move(out_);
    parallel.for_parts_of(
        best_.size(), [&](std::size_t, std::size_t begin, std::size_t end) { place(begin, end); });
    return std::move(out_);
  }

 private:
  bool is_outside(const SourceRow& row, std::int64_t t) const {
    return ttl_ && Timestamp(Duration(row.ts)) < minus_saturating(Timestamp(Duration(t)), *ttl_);
  }

  /// Says which rows are given, and places of those that are not.
  void mark(std::size_t part, std::size_t begin, std::size_t end) {
    RowRanks& given = given_[part];
    std::uint64_t created_after = 0;
    for_each(end - begin, stop_, [&](std::size_t i) {
      const std::size_t position = begin + i;
      const SourceRow row = best_[position];
      if (!row.exists()) return;
      const std::int64_t t = spine_.times()[position];
      if (is_outside(row, t)) {
        out_.places[spine_.order().rows()[position]] = Answers::kOutsideMaxAge;
        return;
      }
      given.add(row.row);
      if (row.created != kNoTime && row.created > t) ++created_after;
    });
    created_after_[part] = created_after;
  }

  void place(std::size_t begin, std::size_t end) {
    const RowRanks& given = given_.front();
    for_each(end - begin, stop_, [&](std::size_t i) {
      const std::size_t position = begin + i;
      const SourceRow row = best_[position];
      if (!row.exists() || is_outside(row, spine_.times()[position])) return;
      out_.places[spine_.order().rows()[position]] =
          static_cast<std::uint32_t>(given.rank(row.row));
    });
  }

  const RoleSpine& spine_;
  const SourceRows& best_;
  std::optional<Duration> ttl_;
  const std::stop_token& stop_;
  Answers out_;
  std::vector<RowRanks> given_;               ///< by part, and then all in the first
  std::vector<std::uint64_t> created_after_;  ///< by part
};

}  // namespace

Answers judge(const RoleSpine& spine,
              const SourceRows& best,
              std::optional<Duration> ttl,
              const std::stop_token& stop,
              const Parallel& parallel) {
  return Judge(spine, best, ttl, stop).judge(parallel);
}

}  // namespace provender::pit
