#include "serving/reader.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "base/try.hpp"
#include "codec/key_codec.hpp"
#include "registry/resolve.hpp"
#include "serving/answer.hpp"
#include "serving/prepared.hpp"

namespace provender::serving {
namespace {

constexpr std::size_t kMaxPrepared = 1024;
constexpr auto kMaxStaleness = std::chrono::milliseconds(500);

/// The text that stands for a request in the cache: no reference contains the separators.
std::string cache_key(const FeatureRequest& request) {
  std::string key = request.full_names ? "F" : "f";
  key += request.service;
  for (const std::string& feature : request.features) {
    key += '\n';
    key += feature;
  }
  return key;
}

/// A loaded with what was prepared against it.
struct State {
  explicit State(std::shared_ptr<const registry::Snapshot> snapshot)
      : loaded(std::make_shared<const LoadedSnapshot>(std::move(snapshot))) {}

  std::shared_ptr<const LoadedSnapshot> loaded;
  std::mutex mutex;  // guards prepared
  std::unordered_map<std::string, std::shared_ptr<const Prepared>> prepared;
};

/// What one read keeps until the store has answered.
struct PendingRead {
  std::shared_ptr<const Prepared> prepared;
  std::string key_bytes;
  std::vector<online::Lookup> lookups;
  OnlineReadDone done;
};

class StoreReader final : public OnlineReader {
 public:
  StoreReader(registry::Registry& registry, online::OnlineStore& store, const Clock& clock)
      : registry_(registry), store_(store), clock_(clock) {}

  Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request) override;
  void read(std::shared_ptr<const PreparedRead> prepared,
            std::span<const ValueView> keys,
            OnlineReadDone done) override {
    read_with(store_, std::move(prepared), keys, std::move(done));
  }
  std::unique_ptr<OnlineReader> on_loop(EventLoop& loop) override;
  void check(online::CheckDone done) override { store_.check(std::move(done)); }
  Result<std::uint64_t> refresh() override;

  void read_with(online::RowReader& rows,
                 std::shared_ptr<const PreparedRead> prepared,
                 std::span<const ValueView> keys,
                 OnlineReadDone done);

 private:
  Result<std::shared_ptr<State>> state();
  Result<> encode(PendingRead& pending, std::span<const ValueView> keys) const;
  std::shared_ptr<const LoadedSnapshot> newest();

  registry::Registry& registry_;
  online::OnlineStore& store_;
  const Clock& clock_;
  std::atomic<std::shared_ptr<State>> state_;
  std::atomic<std::chrono::steady_clock::time_point> checked_;
};

Result<std::uint64_t> StoreReader::refresh() {
  checked_ = std::chrono::steady_clock::now();
  PROVENDER_ASSIGN(auto snapshot, registry_.snapshot());
  const auto current = state_.load();
  if (!current || current->loaded->snapshot->revision != snapshot->revision) {
    state_ = std::make_shared<State>(snapshot);
  }
  return snapshot->version;
}

/// The state to answer from, at most kMaxStaleness old. While the registry is away the last one
/// known goes on serving.
Result<std::shared_ptr<State>> StoreReader::state() {
  auto current = state_.load();
  const auto checked = checked_.load();
  if (current && std::chrono::steady_clock::now() - checked < kMaxStaleness) return current;
  auto refreshed = refresh();
  current = state_.load();
  if (!current) return std::move(refreshed).error();
  return current;
}

std::shared_ptr<const LoadedSnapshot> StoreReader::newest() {
  if (!refresh()) return nullptr;
  return state_.load()->loaded;
}

Result<std::shared_ptr<const PreparedRead>> StoreReader::prepare(const FeatureRequest& request) {
  PROVENDER_ASSIGN(auto current, state());
  const std::string key = cache_key(request);
  {
    const std::scoped_lock lock(current->mutex);
    if (auto found = current->prepared.find(key); found != current->prepared.end()) {
      return found->second;
    }
  }
  PROVENDER_ASSIGN(const Selection selection,
                   registry::resolve(registry_, *current->loaded->snapshot, request));
  PROVENDER_ASSIGN(auto prepared, Prepared::make(current->loaded, selection));
  const std::scoped_lock lock(current->mutex);
  if (current->prepared.size() >= kMaxPrepared) current->prepared.clear();
  return current->prepared.emplace(key, std::move(prepared)).first->second;
}

/// Encodes the key of each row and group, and makes the lookups from them.
Result<> StoreReader::encode(PendingRead& pending, std::span<const ValueView> keys) const {
  const Prepared& prepared = *pending.prepared;
  const std::size_t width = prepared.keys().size();
  const std::size_t rows = width == 0 ? 0 : keys.size() / width;
  std::vector<std::size_t> ends;
  ends.reserve(rows * prepared.groups().size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (const Prepared::Group& group : prepared.groups()) {
      const std::size_t begin = pending.key_bytes.size();
      for (const std::size_t column : group.key_columns) {
        codec::append_key_part(pending.key_bytes, keys[row * width + column]);
      }
      const std::size_t size = pending.key_bytes.size() - begin;
      if (size > codec::kMaxKeySize) {
        return Error(
            ErrorCode::InvalidArgument,
            fmt::format("row {}: the encoded entity key has {} bytes, more than the {} allowed",
                        row,
                        size,
                        codec::kMaxKeySize));
      }
      ends.push_back(pending.key_bytes.size());
    }
  }
  pending.lookups.reserve(ends.size());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const Prepared::Group& group = prepared.groups()[i % prepared.groups().size()];
    pending.lookups.push_back(
        {.entity_set = group.entity_set,
         .key = std::string_view(pending.key_bytes).substr(begin, ends[i] - begin),
         .store_ids = group.store_ids});
    begin = ends[i];
  }
  return {};
}

void StoreReader::read_with(online::RowReader& store,
                            std::shared_ptr<const PreparedRead> prepared,
                            std::span<const ValueView> keys,
                            OnlineReadDone done) {
  auto pending = std::make_unique<PendingRead>();
  pending->prepared = std::static_pointer_cast<const Prepared>(std::move(prepared));
  pending->done = std::move(done);
  if (auto encoded = encode(*pending, keys); !encoded) {
    pending->done(std::move(encoded).error());
    return;
  }
  const std::span<const online::Lookup> lookups = pending->lookups;
  store.read(
      lookups,
      [this, pending = std::move(pending)](Result<std::span<const std::string_view>> rows) mutable {
        if (!rows) {
          pending->done(std::move(rows).error());
          return;
        }
        const Answer answer({.prepared = *pending->prepared,
                             .lookups = pending->lookups,
                             .rows = *rows,
                             .now = clock_.now()},
                            [this] { return newest(); });
        pending->done(std::cref(static_cast<const OnlineFeatures&>(answer)));
      });
}

/// The reader of an event loop: all is its parent's, but for the connections to the store.
class LoopReader final : public OnlineReader {
 public:
  LoopReader(StoreReader& parent, std::unique_ptr<online::RowReader> rows)
      : parent_(parent), rows_(std::move(rows)) {}

  Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request) override {
    return parent_.prepare(request);
  }
  void read(std::shared_ptr<const PreparedRead> prepared,
            std::span<const ValueView> keys,
            OnlineReadDone done) override {
    if (!rows_) return parent_.read(std::move(prepared), keys, std::move(done));
    parent_.read_with(*rows_, std::move(prepared), keys, std::move(done));
  }
  std::unique_ptr<OnlineReader> on_loop(EventLoop& loop) override { return parent_.on_loop(loop); }
  void check(online::CheckDone done) override {
    if (!rows_) return parent_.check(std::move(done));
    rows_->check(std::move(done));
  }
  Result<std::uint64_t> refresh() override { return parent_.refresh(); }

 private:
  StoreReader& parent_;
  std::unique_ptr<online::RowReader> rows_;  ///< null: the store never waits
};

std::unique_ptr<OnlineReader> StoreReader::on_loop(EventLoop& loop) {
  return std::make_unique<LoopReader>(*this, store_.reader_on(loop));
}

}  // namespace

Result<std::shared_ptr<const PreparedRead>> prepare(registry::Registry& registry,
                                                    const FeatureRequest& request) {
  PROVENDER_ASSIGN(auto snapshot, registry.snapshot());
  PROVENDER_ASSIGN(const Selection selection, registry::resolve(registry, *snapshot, request));
  return Prepared::make(std::make_shared<const LoadedSnapshot>(std::move(snapshot)), selection);
}

std::unique_ptr<OnlineReader> make_reader(registry::Registry& registry,
                                          online::OnlineStore& store,
                                          const Clock& clock) {
  return std::make_unique<StoreReader>(registry, store, clock);
}

}  // namespace provender::serving
