#pragma once

#include "base/clock.hpp"
#include "registry/run_log.hpp"
#include "registry/sqlite/connection.hpp"

namespace provender::registry::sqlite {

/// How many runs of a view are kept, besides the last successful one into each store id.
inline constexpr std::int64_t kRunsKept = 1000;

class SqliteRunLog final : public RunLog {
 public:
  /// Both outlive it.
  SqliteRunLog(Connection& connection, const Clock& clock)
      : connection_(connection), clock_(clock) {}

  Result<Lease> acquire(const std::string& name,
                        const std::string& holder,
                        Timestamp now,
                        Duration length) override;
  Result<std::optional<Lease>> current(const std::string& name) override;
  Result<Lease> renew(const Lease& lease, Timestamp now, Duration length) override;
  Result<> release(const Lease& lease) override;
  Result<Run> begin_run(Run run) override;
  Result<> finish_run(const Run& run, const Lease& lease) override;
  Result<std::vector<Run>> runs(const std::string& view, std::size_t limit) override;
  Result<std::optional<Run>> last_success(const std::string& view, std::uint32_t store_id) override;

 private:
  Connection& connection_;
  const Clock& clock_;
};

}  // namespace provender::registry::sqlite
