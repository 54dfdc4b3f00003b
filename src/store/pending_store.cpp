#include "store/pending_store.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "store/loop_answer.hpp"
#include "store/pending.hpp"

namespace provender::store {
namespace {

using online::CheckDone;
using online::Lookup;
using online::OnlineStore;
using online::ReadDone;
using online::RowReader;

/// The store, and how event loops ask for it.
struct Store {
  explicit Store(std::function<Result<std::unique_ptr<OnlineStore>>()> open)
      : pending(std::move(open)) {}
  Pending<OnlineStore> pending;
  LoopAnswer<OnlineStore*> on_loop{[this] { return pending.get(); }};
};

/// The answer of a store without rows.
void find_nothing(std::span<const Lookup> lookups, ReadDone done) {
  const std::vector<std::string_view> none(online::row_count(lookups));
  done(std::span(none));
}

/// Reads what `find` gives: nullptr while the store is not there.
void read_from(Result<RowReader*> found, std::span<const Lookup> lookups, ReadDone done) {
  if (!found) return done(std::move(found).error());
  if (*found == nullptr) return find_nothing(lookups, std::move(done));
  (*found)->read(lookups, std::move(done));
}

void check_at(Result<RowReader*> found, CheckDone done) {
  if (!found) return done(std::move(found).error());
  if (*found == nullptr) return done({});
  (*found)->check(std::move(done));
}

/// For one event loop; made before the store is there.
class PendingReader final : public RowReader {
 public:
  PendingReader(Store& store, EventLoop& loop) : store_(store), loop_(loop) {}
  void read(std::span<const Lookup> lookups, ReadDone done) override {
    read_from(find(), lookups, std::move(done));
  }
  void check(CheckDone done) override { check_at(find(), std::move(done)); }

 private:
  Result<RowReader*> find() {
    if (reader_) return reader_.get();
    OnlineStore* found = store_.pending.found();
    if (found == nullptr) {
      PROVENDER_ASSIGN(found, store_.on_loop.get());
    }
    if (found != nullptr) reader_ = found->reader_on(loop_);
    return reader_ ? reader_.get() : found;
  }

  Store& store_;
  EventLoop& loop_;
  std::unique_ptr<RowReader> reader_;  ///< null: the store never waits
};

class PendingStore final : public OnlineStore {
 public:
  explicit PendingStore(std::function<Result<std::unique_ptr<OnlineStore>>()> open)
      : store_(std::move(open)) {}

  void read(std::span<const Lookup> lookups, ReadDone done) override {
    read_from(find(), lookups, std::move(done));
  }
  void check(CheckDone done) override { check_at(find(), std::move(done)); }
  std::unique_ptr<RowReader> reader_on(EventLoop& loop) override {
    return std::make_unique<PendingReader>(store_, loop);
  }
  Result<online::WriteResult> write(std::span<const online::WriteRow> /*rows*/) override {
    return online::opened_read_only();
  }
  Result<> flush() override { return {}; }
  Result<std::uint64_t> sweep(std::span<const std::uint32_t> /*store_ids*/,
                              std::stop_token /*stop*/) override {
    return online::opened_read_only();
  }
  Result<online::StoreStats> stats() override {
    PROVENDER_ASSIGN(OnlineStore * found, store_.pending.get());
    return found != nullptr ? found->stats() : online::StoreStats{};
  }
  bool prefers_ordered_writes() const override { return false; }

 private:
  Result<RowReader*> find() {
    PROVENDER_ASSIGN(RowReader* const found, store_.pending.get());
    return found;
  }

  Store store_;
};

}  // namespace

std::unique_ptr<OnlineStore> make_pending_store(
    std::function<Result<std::unique_ptr<OnlineStore>>()> open) {
  return std::make_unique<PendingStore>(std::move(open));
}

}  // namespace provender::store
