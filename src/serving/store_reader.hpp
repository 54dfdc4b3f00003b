#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "provender/online_read.hpp"

#include "base/clock.hpp"
#include "base/shared_pointer.hpp"
#include "online/online_store.hpp"
#include "registry/registry.hpp"
#include "serving/pending_read.hpp"
#include "serving/registry_thread.hpp"
#include "serving/state.hpp"

namespace provender::serving {

/// The reader of callers who may wait: they look at the registry themselves, when half a second has
/// passed. Once there are readers of loops a thread looks for all. While the registry is away the
/// state known last goes on serving. Safe for concurrent use.
class StoreReader final : public OnlineReader {
 public:
  StoreReader(registry::Registry& registry, online::OnlineStore& store, const Clock& clock)
      : registry_(registry), store_(store), clock_(clock) {}

  Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request) override;
  void read(std::shared_ptr<const PreparedRead> prepared,
            std::span<const ValueView> keys,
            OnlineReadDone done) override {
    read_with({.rows = store_, .pending = pending_}, std::move(prepared), keys, std::move(done));
  }
  std::unique_ptr<OnlineReader> on_loop(EventLoop& loop) override;
  void check(online::CheckDone done) override { store_.check(std::move(done)); }
  Result<std::uint64_t> refresh() override;
  std::optional<StoreActivity> activity() const override { return store_.activity(); }

  /// For the readers of loops: nothing of it waits for the registry longer than a moment.
  struct Rows {
    online::RowReader& rows;
    PendingReads& pending;
  };
  void read_with(Rows from,
                 std::shared_ptr<const PreparedRead> prepared,
                 std::span<const ValueView> keys,
                 OnlineReadDone done);
  Result<std::shared_ptr<const PreparedRead>> prepare_on_loop(const FeatureRequest& request);
  /// What the last look found; has another one made.
  Result<std::uint64_t> last_look();

 private:
  Result<std::shared_ptr<State>> state();
  Result<std::shared_ptr<State>> state_on_loop();
  State::Outcome make(State& state, const FeatureRequest& request);
  std::shared_ptr<const LoadedSnapshot> find_newer(std::span<const std::uint32_t> schema_ids);
  void look_soon();
  bool is_stale() const;

  registry::Registry& registry_;
  online::OnlineStore& store_;
  const Clock& clock_;
  SharedPointer<State> state_;
  std::atomic<std::chrono::steady_clock::time_point> looked_;
  std::mutex looking_;  ///< held while the registry is looked at, so that none older comes last
  PendingReads pending_;

  std::mutex mutex_;  ///< guards found_, and the making of the thread
  Result<std::uint64_t> found_ = std::uint64_t{0};
  std::atomic<bool> will_look_ = false;
  std::atomic<RegistryThread*> thread_ = nullptr;
  std::unique_ptr<RegistryThread> owned_thread_;  ///< goes first
};

}  // namespace provender::serving
