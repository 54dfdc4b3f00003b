#include "store/pending_registry.hpp"

#include <utility>

#include "store/pending.hpp"

namespace provender::store {
namespace {

using registry::Lease;
using registry::Registry;
using registry::RunLog;
using registry::Snapshot;

class PendingRegistry final : public Registry, public RunLog {
 public:
  explicit PendingRegistry(std::function<Result<std::unique_ptr<Registry>>()> open)
      : registry_(std::move(open)) {}

  Result<std::shared_ptr<const Snapshot>> snapshot() override {
    PROVENDER_ASSIGN(Registry * found, registry_.get());
    return found != nullptr ? found->snapshot() : nothing_;
  }
  Result<std::vector<Version>> history() override {
    PROVENDER_ASSIGN(Registry * found, registry_.get());
    return found != nullptr ? found->history() : std::vector<Version>();
  }
  Result<Definitions> definitions_at(std::uint64_t version) override {
    PROVENDER_ASSIGN(Registry * found, there());
    return found->definitions_at(version);
  }
  Result<std::shared_ptr<const Snapshot>> apply(registry::ApplyRequest request) override {
    PROVENDER_ASSIGN(Registry * found, there());
    return found->apply(std::move(request));
  }
  Result<std::shared_ptr<const Snapshot>> rebuild(const std::string& view) override {
    PROVENDER_ASSIGN(Registry * found, there());
    return found->rebuild(view);
  }
  Result<> swept(std::span<const std::uint32_t> store_ids) override {
    PROVENDER_ASSIGN(Registry * found, there());
    return found->swept(store_ids);
  }
  RunLog& runs() override { return *this; }

  Result<Lease> acquire(const std::string& name,
                        const std::string& holder,
                        Timestamp now,
                        Duration length) override {
    PROVENDER_ASSIGN(Registry * found, there());
    return found->runs().acquire(name, holder, now, length);
  }
  Result<std::optional<Lease>> current(const std::string& name) override {
    PROVENDER_ASSIGN(Registry * found, registry_.get());
    return found != nullptr ? found->runs().current(name) : std::optional<Lease>();
  }
  Result<Lease> renew(const Lease& lease, Timestamp now, Duration length) override {
    PROVENDER_ASSIGN(Registry * found, there());
    return found->runs().renew(lease, now, length);
  }
  Result<> release(const Lease& lease) override {
    PROVENDER_ASSIGN(Registry * found, there());
    return found->runs().release(lease);
  }
  Result<Run> begin_run(Run run) override {
    PROVENDER_ASSIGN(Registry * found, there());
    return found->runs().begin_run(std::move(run));
  }
  Result<> finish_run(const Run& run, const Lease& lease) override {
    PROVENDER_ASSIGN(Registry * found, there());
    return found->runs().finish_run(run, lease);
  }
  Result<std::vector<Run>> runs(const std::string& view, std::size_t limit) override {
    PROVENDER_ASSIGN(Registry * found, registry_.get());
    return found != nullptr ? found->runs().runs(view, limit) : std::vector<Run>();
  }
  Result<std::optional<Run>> last_success(const std::string& view,
                                          std::uint32_t store_id) override {
    PROVENDER_ASSIGN(Registry * found, registry_.get());
    return found != nullptr ? found->runs().last_success(view, store_id) : std::optional<Run>();
  }

 private:
  Result<Registry*> there() {
    PROVENDER_ASSIGN(Registry * found, registry_.get());
    if (found != nullptr) return found;
    return Error(ErrorCode::NotFound,
                 "nothing is applied yet in this project: run `provender apply` first");
  }

  Pending<Registry> registry_;
  const std::shared_ptr<const Snapshot> nothing_ = std::make_shared<const Snapshot>();
};

}  // namespace

std::unique_ptr<Registry> make_pending_registry(
    std::function<Result<std::unique_ptr<Registry>>()> open) {
  return std::make_unique<PendingRegistry>(std::move(open));
}

}  // namespace provender::store
