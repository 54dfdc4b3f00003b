#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "model/selection.hpp"
#include "offline/duckdb/kernel_sinks.hpp"
#include "offline/duckdb/spine.hpp"
#include "offline/duckdb/spine_pages.hpp"

namespace provender::offline {

/// Rows of a spine as the kernel has them: in the order of their times, with the entities that they
/// ask about. Immutable once read: then safe for concurrent use.
class KernelSpine {
 public:
  struct Request {
    const Spine& spine;
    RowsOfSpine rows;
    std::span<const RequestKey> keys;
    const std::vector<std::vector<std::string>>& roles;  ///< key columns of each
    WorkerThreads& threads;
    PageReaders& readers;
    RowProgress& progress;
  };
  /// Errors as Spine::count.
  static Result<std::unique_ptr<KernelSpine>> read(Connection& connection,
                                                   ScanFunction& function,
                                                   const Request& request);

  std::uint64_t rows() const { return order_->spine_rows(); }
  std::uint64_t null_rows() const { return null_rows_; }
  const pit::RoleSpine& role(std::size_t i) const { return roles_[i]; }
  const pit::EntityIndex& index(std::size_t role) const { return indexes_[role]; }

 private:
  KernelSpine() = default;

  std::uint64_t null_rows_ = 0;
  std::unique_ptr<pit::TimeOrder> order_;
  std::deque<pit::RoleSpine> roles_;
  std::vector<pit::EntityIndex> indexes_;
};

}  // namespace provender::offline
