#pragma once

#include <memory>

#include "offline/duckdb/connection.hpp"
#include "offline/historical_query.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// How one view is joined to the spine: the tables that it reads and leaves are those of ViewJoin,
/// the way between them is the implementation's.
class PointInTimeJoin {
 public:
  virtual ~PointInTimeJoin() = default;
  virtual Result<> run(Connection& connection, const ViewJoin& join) = 0;
};

/// By DuckDB's ASOF join (compile_view_join).
class AsofJoin final : public PointInTimeJoin {
 public:
  Result<> run(Connection& connection, const ViewJoin& join) override;
};

std::unique_ptr<PointInTimeJoin> make_join(JoinEngine engine);

}  // namespace provender::offline
