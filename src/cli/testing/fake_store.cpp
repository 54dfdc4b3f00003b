#include "cli/testing/fake_store.hpp"

#include "base/try.hpp"

namespace provender::cli {
namespace {

class FakePrepared final : public PreparedRead {
 public:
  explicit FakePrepared(const FakeData& data) : data_(data) {}
  std::span<const Key> keys() const override { return data_.keys; }
  std::span<const Feature> features() const override { return data_.asked_features; }
  std::span<const std::string> known_keys() const override { return data_.known_keys; }
  std::uint64_t revision() const override { return 1; }

 private:
  const FakeData& data_;
};

class FakeAnswer final : public OnlineFeatures {
 public:
  explicit FakeAnswer(const FakeData& data) : data_(data) {}
  std::size_t rows() const override { return 1; }
  Cell cell(std::size_t /*row*/, std::size_t feature) const override {
    const ValueAsOf& value = data_.values[feature];
    return {.status = value.status,
            .value = to_view(value.value, data_.asked_features[feature].type),
            .event_timestamp = value.event_timestamp};
  }
  Timestamp now() const override { return data_.now; }

 private:
  const FakeData& data_;
};

class FakeReader final : public OnlineReader {
 public:
  explicit FakeReader(FakeData& data) : data_(data) {}

  Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request) override {
    data_.request = request;
    return make_fake_read(data_);
  }
  void read(std::shared_ptr<const PreparedRead> /*prepared*/,
            std::span<const ValueView> keys,
            OnlineReadDone done) override {
    data_.read_keys.clear();
    for (const ValueView& key : keys) {
      data_.read_keys.push_back(to_value(key));
    }
    if (!data_.online_read) return done(data_.online_read.error());
    const FakeAnswer answer(data_);
    done(std::cref<const OnlineFeatures>(answer));
  }
  std::unique_ptr<OnlineReader> on_loop(EventLoop& /*loop*/) override {
    return std::make_unique<FakeReader>(data_);
  }
  void check(std::move_only_function<void(Result<>)> done) override { done({}); }
  Result<std::uint64_t> refresh() override { return 1; }

 private:
  FakeData& data_;
};

class FakeStore final : public FeatureStore {
 public:
  explicit FakeStore(FakeData& data) : data_(data), reader_(data) {}

  Result<Plan> plan(const Control& control) override {
    if (data_.during) PROVENDER_TRY(data_.during(control));
    return data_.plan;
  }
  Result<Version> apply(const Plan& /*expected*/, const Control& control) override {
    if (data_.during) PROVENDER_TRY(data_.during(control));
    ++data_.applies;
    return data_.applied;
  }
  Result<std::vector<Version>> history() override { return data_.history; }
  Result<std::vector<FeatureInfo>> features() override { return data_.features; }
  Result<Catalog> catalog() override { return data_.catalog; }
  Result<HistoricalReport> get_historical_features(const HistoricalOptions& options,
                                                   const Control& control) override {
    data_.historical_options = options;
    if (data_.during) PROVENDER_TRY(data_.during(control));
    return data_.historical;
  }
  Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request) override {
    data_.request = request;
    return make_fake_read(data_);
  }
  Result<std::vector<ValueAsOf>> get_as_of(const FeatureRequest& request,
                                           std::span<const Value> keys,
                                           Timestamp t,
                                           const Control& control) override {
    if (data_.during) PROVENDER_TRY(data_.during(control));
    data_.request = request;
    data_.read_keys.assign(keys.begin(), keys.end());
    data_.read_as_of = t;
    return data_.values;
  }
  Result<std::vector<Run>> materialize(const MaterializeOptions& options,
                                       const Control& control) override {
    data_.materialize_options = options;
    if (data_.during) PROVENDER_TRY(data_.during(control));
    return data_.runs;
  }
  Result<std::vector<Run>> run(bool once, const Control& control) override {
    data_.ran_once = once;
    if (data_.during) PROVENDER_TRY(data_.during(control));
    return once ? data_.runs : std::vector<Run>();
  }
  Result<std::vector<ViewStatus>> status() override { return data_.status; }
  Result<OnlineReader*> online() override {
    ++data_.online_opened;
    return &reader_;
  }

 private:
  FakeData& data_;
  FakeReader reader_;
};

}  // namespace

std::shared_ptr<const PreparedRead> make_fake_read(const FakeData& data) {
  return std::make_shared<FakePrepared>(data);
}

std::unique_ptr<FeatureStore> make_fake_store(FakeData& data) {
  return std::make_unique<FakeStore>(data);
}

}  // namespace provender::cli
