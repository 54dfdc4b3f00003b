#include "serving/store_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/try.hpp"
#include "registry/resolve.hpp"

namespace provender::serving {
namespace {

constexpr auto kMaxStaleness = std::chrono::milliseconds(500);
/// How long an event loop may wait for what only the registry can say.
constexpr auto kPatience = std::chrono::milliseconds(100);

/// The reader of an event loop: all is its parent's, but for the connections to the store and the
/// memory of its reads.
class LoopReader final : public OnlineReader {
 public:
  LoopReader(StoreReader& parent,
             online::OnlineStore& store,
             std::unique_ptr<online::RowReader> rows)
      : parent_(parent), store_(store), own_rows_(std::move(rows)) {}

  Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request) override {
    return parent_.prepare_on_loop(request);
  }
  void read(std::shared_ptr<const PreparedRead> prepared,
            std::span<const ValueView> keys,
            OnlineReadDone done) override {
    parent_.read_with(
        {.rows = rows(), .pending = pending_}, std::move(prepared), keys, std::move(done));
  }
  std::unique_ptr<OnlineReader> on_loop(EventLoop& loop) override { return parent_.on_loop(loop); }
  void check(online::CheckDone done) override { rows().check(std::move(done)); }
  Result<std::uint64_t> refresh() override { return parent_.last_look(); }
  std::optional<StoreActivity> activity() const override { return parent_.activity(); }

 private:
  online::RowReader& rows() { return own_rows_ ? *own_rows_ : store_; }

  StoreReader& parent_;
  online::OnlineStore& store_;
  PendingReads pending_;
  std::unique_ptr<online::RowReader> own_rows_;  ///< null: the store never waits. Goes first
};

}  // namespace

bool StoreReader::is_stale() const {
  return std::chrono::steady_clock::now() - looked_.load() >= kMaxStaleness;
}

Result<std::uint64_t> StoreReader::refresh() {
  const std::scoped_lock lock(looking_);
  looked_ = std::chrono::steady_clock::now();
  auto snapshot = registry_.snapshot();
  Result<std::uint64_t> found = std::uint64_t{0};
  if (snapshot) {
    found = (*snapshot)->version;
    const auto current = state_.load();
    if (!current || current->loaded()->snapshot->revision != (*snapshot)->revision) {
      state_.store(std::make_shared<State>(*std::move(snapshot)));
    }
  } else {
    found = std::move(snapshot).error();
  }
  const std::scoped_lock finding(mutex_);
  found_ = found;
  return found;
}

/// Asks the thread for a look, unless one is about to begin.
void StoreReader::look_soon() {
  RegistryThread* const thread = thread_.load();
  if (thread == nullptr || will_look_.exchange(true)) return;
  const bool is_posted = thread->post([this] {
    will_look_ = false;
    static_cast<void>(refresh());
  });
  if (!is_posted) will_look_ = false;
}

Result<std::uint64_t> StoreReader::last_look() {
  look_soon();
  const std::scoped_lock lock(mutex_);
  return found_;
}

/// The state to answer from, at most kMaxStaleness old. While the registry is away the last one
/// known goes on serving.
Result<std::shared_ptr<State>> StoreReader::state() {
  auto current = state_.load();
  if (current && !is_stale()) return current;
  auto refreshed = refresh();
  current = state_.load();
  if (!current) return std::move(refreshed).error();
  return current;
}

Result<std::shared_ptr<State>> StoreReader::state_on_loop() {
  auto current = state_.load();
  if (!current || is_stale()) look_soon();
  if (current) return current;
  const std::scoped_lock lock(mutex_);
  if (!found_) return found_.error();
  return Error(ErrorCode::Unavailable, "the registry has not been read yet: try again");
}

State::Outcome StoreReader::make(State& state, const FeatureRequest& request) {
  auto selection = registry::resolve(registry_, *state.loaded()->snapshot, request);
  if (!selection) return state.keep(request, std::move(selection).error());
  return state.keep(request, Prepared::make(state.loaded(), *selection));
}

Result<std::shared_ptr<const PreparedRead>> StoreReader::prepare(const FeatureRequest& request) {
  PROVENDER_ASSIGN(const auto current, state());
  auto known = current->find(request);
  PROVENDER_ASSIGN(auto prepared, known ? *std::move(known) : make(*current, request));
  return prepared;
}

Result<std::shared_ptr<const PreparedRead>> StoreReader::prepare_on_loop(
    const FeatureRequest& request) {
  PROVENDER_ASSIGN(const auto current, state_on_loop());
  if (auto known = current->find(request)) {
    PROVENDER_ASSIGN(auto prepared, *std::move(known));
    return prepared;
  }
  if (!request.service.contains('@')) {
    PROVENDER_ASSIGN(auto prepared, make(*current, request));
    return prepared;
  }
  // What another version declared is in the registry only.
  const auto made = std::make_shared<std::optional<State::Outcome>>();
  const bool is_made = thread_.load()->run(
      [this, current, request, made] { made->emplace(make(*current, request)); }, kPatience);
  if (!is_made) {
    return Error(ErrorCode::Unavailable,
                 fmt::format("feature service {}: the registry, which holds that version, does not "
                             "answer: try again",
                             request.service));
  }
  PROVENDER_ASSIGN(auto prepared, **made);
  return prepared;
}

/// For rows of schemas that a prepared read does not know. What is not in the registry at one
/// revision is looked for once.
std::shared_ptr<const LoadedSnapshot> StoreReader::find_newer(
    std::span<const std::uint32_t> schema_ids) {
  const auto unknown_to = [&](const State* state) {
    std::vector<std::uint32_t> unknown(schema_ids.begin(), schema_ids.end());
    std::erase_if(unknown, [&](std::uint32_t id) {
      return state != nullptr && state->loaded()->layout(id) != nullptr;
    });
    return unknown;
  };
  auto current = state_.load();
  if (current && current->are_missing(unknown_to(current.get()))) return current->loaded();
  if (RegistryThread* const thread = thread_.load()) {
    thread->run([this] { static_cast<void>(refresh()); }, kPatience);
  } else {
    static_cast<void>(refresh());
  }
  current = state_.load();
  if (!current) return nullptr;
  current->add_missing(unknown_to(current.get()));
  return current->loaded();
}

void StoreReader::read_with(Rows from,
                            std::shared_ptr<const PreparedRead> prepared,
                            std::span<const ValueView> keys,
                            OnlineReadDone done) {
  auto read = from.pending.take();
  read->prepared = std::static_pointer_cast<const Prepared>(std::move(prepared));
  read->done = std::move(done);
  if (auto encoded = read->encode(keys); !encoded) {
    read->done(std::move(encoded).error());
    return from.pending.give_back(std::move(read));
  }
  const std::span<const online::Lookup> lookups = read->lookups;
  from.rows.read(lookups,
                 [this, &pending = from.pending, read = std::move(read)](
                     Result<std::span<const std::string_view>> rows) mutable {
                   if (rows) {
                     read->answer.fill(
                         {.prepared = *read->prepared,
                          .lookups = read->lookups,
                          .rows = *rows,
                          .now = clock_.now()},
                         [this](std::span<const std::uint32_t> ids) { return find_newer(ids); });
                     read->done(std::cref(static_cast<const OnlineFeatures&>(read->answer)));
                   } else {
                     read->done(std::move(rows).error());
                   }
                   pending.give_back(std::move(read));
                 });
}

std::unique_ptr<OnlineReader> StoreReader::on_loop(EventLoop& loop) {
  {
    const std::scoped_lock lock(mutex_);
    if (!owned_thread_) owned_thread_ = std::make_unique<RegistryThread>();
    thread_ = owned_thread_.get();
  }
  if (!state_.load()) static_cast<void>(refresh());
  return std::make_unique<LoopReader>(*this, store_, store_.reader_on(loop));
}

}  // namespace provender::serving
