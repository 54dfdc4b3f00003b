#include "offline/duckdb/point_in_time_join.hpp"

#include "base/try.hpp"

namespace provender::offline {

Result<> AsofJoin::run(Connection& connection, const ViewJoin& join) {
  for (const Statement& statement : compile_view_join(join)) {
    PROVENDER_TRY(connection.execute(statement.sql));
  }
  return {};
}

std::unique_ptr<PointInTimeJoin> make_join(JoinEngine engine) {
  switch (engine) {
    case JoinEngine::Asof:
      break;
  }
  return std::make_unique<AsofJoin>();
}

}  // namespace provender::offline
