#pragma once

#include <memory>
#include <stop_token>
#include <utility>

#include "online/online_store.hpp"

namespace provender::online {

/// Hands to another store what is not overridden. `Interface` is OnlineStore, or more than that.
template <class Interface>
class ForwardingStore : public Interface {
 public:
  explicit ForwardingStore(std::unique_ptr<OnlineStore> store) : store_(std::move(store)) {}

  std::unique_ptr<RowReader> reader_on(EventLoop& loop) override { return store_->reader_on(loop); }
  Result<WriteResult> write(std::span<const WriteRow> rows) override { return store_->write(rows); }
  Result<> flush() override { return store_->flush(); }
  Result<std::uint64_t> sweep(std::span<const std::uint32_t> store_ids,
                              std::stop_token stop) override {
    return store_->sweep(store_ids, std::move(stop));
  }
  Result<StoreStats> stats() override { return store_->stats(); }
  bool prefers_ordered_writes() const override { return store_->prefers_ordered_writes(); }

 protected:
  std::unique_ptr<OnlineStore> store_;
};

}  // namespace provender::online
