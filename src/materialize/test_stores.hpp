#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codec/value_columns.hpp"
#include "materialize/materializer.hpp"
#include "online/memory/memory_store.hpp"
#include "registry/sqlite/sqlite_registry.hpp"

/// For tests: a real registry and store, and history that a test writes down.
namespace provender::materialize {

/// The latest row of one entity of the sample view: user_id, event time, score.
struct LatestRow {
  std::int64_t user;
  Timestamp time;
  std::int64_t score;
};

/// Gives the rows of one view in batches of two.
class FakeLatestReader final : public offline::LatestReader {
 public:
  explicit FakeLatestReader(std::vector<LatestRow> rows, std::function<Result<>()> before_batch)
      : rows_(std::move(rows)), before_batch_(std::move(before_batch)) {}

  Result<std::optional<BatchView>> next() override {
    if (auto ready = before_batch_(); !ready) return std::move(ready).error();
    if (at_ == rows_.size()) return std::nullopt;
    columns_.clear();
    views_.clear();
    std::vector<Value> users;
    std::vector<Value> times;
    std::vector<Value> created;
    std::vector<Value> scores;
    for (std::size_t n = 0; n < 2 && at_ < rows_.size(); ++n, ++at_) {
      users.push_back({rows_[at_].user});
      times.push_back({rows_[at_].time});
      created.emplace_back();
      scores.push_back({rows_[at_].score});
    }
    const std::size_t count = users.size();
    add(Kind::Int64, std::move(users));
    add(Kind::Timestamp, std::move(times));
    add(Kind::Timestamp, std::move(created));
    add(Kind::Int64, std::move(scores));
    return BatchView{.rows = count, .columns = views_};
  }
  std::uint64_t skipped_rows() const override { return 1; }

 private:
  void add(Kind kind, std::vector<Value> values) {
    columns_.emplace_back(Type{.kind = kind}, std::move(values));
    views_.push_back(columns_.back().view());
  }

  std::vector<LatestRow> rows_;
  std::function<Result<>()> before_batch_;
  std::size_t at_ = 0;
  std::deque<codec::ValueColumn> columns_;
  std::vector<ColumnView> views_;
};

/// History by view; rows after the end time are left out.
class FakeOffline final : public offline::OfflineStore {
 public:
  Result<offline::SourceInfo> inspect(const Definitions& /*definitions*/,
                                      const Source& /*source*/,
                                      const Control& /*control*/) override {
    return unused();
  }
  Result<HistoricalReport> historical(const offline::HistoricalRequest& /*request*/,
                                      const Control& /*control*/) override {
    return unused();
  }
  Result<std::vector<ValueAsOf>> as_of(const Definitions& /*definitions*/,
                                       const Selection& /*selection*/,
                                       std::span<const Value> /*keys*/,
                                       Timestamp /*t*/,
                                       const Control& /*control*/) override {
    return unused();
  }
  Result<std::unique_ptr<offline::LatestReader>> latest(const Definitions& /*definitions*/,
                                                        const FeatureView& view,
                                                        Timestamp end,
                                                        const Control& /*control*/) override {
    if (auto error = errors.find(view.name); error != errors.end()) {
      return Error(ErrorCode::NotFound, error->second);
    }
    std::vector<LatestRow> until;
    for (const LatestRow& row : rows[view.name]) {
      if (row.time <= end) until.push_back(row);
    }
    return std::unique_ptr<offline::LatestReader>(
        std::make_unique<FakeLatestReader>(std::move(until), before_batch_of(view.name)));
  }

  std::map<std::string, std::vector<LatestRow>> rows;
  std::map<std::string, std::string> errors;
  std::map<std::string, int> fail_after_batches;
  std::function<Result<>()> before_batch = [] { return Result<>(); };

 private:
  std::function<Result<>()> before_batch_of(const std::string& view) {
    const auto found = fail_after_batches.find(view);
    if (found == fail_after_batches.end()) return before_batch;
    return [left = found->second]() mutable {
      return left-- > 0 ? Result<>() : Error(ErrorCode::Io, "the disk is gone");
    };
  }
  static Error unused() { return {ErrorCode::Unimplemented, "not used here"}; }
};

/// A clock that several threads may ask while a test sets it.
class SharedClock final : public Clock {
 public:
  explicit SharedClock(Timestamp now) : micros_(now.time_since_epoch().count()) {}
  Timestamp now() const override {
    if (before_now) before_now();
    return Timestamp(Duration(micros_.load()));
  }
  void set(Timestamp now) { micros_ = now.time_since_epoch().count(); }
  void advance(Duration by) { micros_ += by.count(); }

  mutable std::move_only_function<void()> before_now;  ///< set before other threads ask

 private:
  std::atomic<std::int64_t> micros_;
};

class CountingLogger final : public Logger {
 public:
  void log(LogLevel level, std::string_view /*message*/) override {
    if (level == LogLevel::Error) ++errors;
  }
  std::atomic<int> errors = 0;
};

/// Everything that a materialization works on, with views of one int64 key and one int64 feature
/// "score".
struct TestStores {
  TestStores() {
    registry = registry::open_sqlite_registry(
                   {.path = folder.path / "registry.db", .clock = clock, .create = true})
                   .value();
  }

  void apply(const std::vector<std::string>& views, const Cadence& cadence = {}) const {
    Definitions definitions;
    definitions.project = "test";
    definitions.entities = {{.name = "user_id",
                             .keys = {{.name = "user_id", .type = Type{.kind = Kind::Int64}}},
                             .about = {},
                             .where = {}}};
    for (const std::string& name : views) {
      FeatureView view;
      view.name = name;
      view.entities = {"user_id"};
      view.source.text = source;
      view.cadence = cadence;
      view.features = {{.name = "score", .type = {.kind = Kind::Int64}, .about = {}, .where = {}}};
      definitions.feature_views.push_back(view);
    }
    const auto base = registry->snapshot().value()->version;
    const auto applied = registry->apply(
        {.definitions = definitions, .base_version = base, .applied_by = "test", .summary = ""});
    if (!applied) throw std::runtime_error(std::string(applied.error().message()));
  }

  Stores stores() {
    return {.registry = *registry,
            .offline = offline,
            .online = *online,
            .clock = clock,
            .logger = logger};
  }
  Run run_one(const MaterializeOptions& options = {}) {
    return materialize(stores(), options, {}).value().at(0);
  }

  struct Folder {
    Folder() {
      std::string name =
          (std::filesystem::temp_directory_path() / "provender-test-XXXXXX").string();
      path = mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path;
  };

  Folder folder;
  std::string source = "data.parquet";
  SharedClock clock{Timestamp(std::chrono::hours(24 * 365))};
  CountingLogger logger;
  FakeOffline offline;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<online::OnlineStore> online = online::open_memory_store();
};

}  // namespace provender::materialize
