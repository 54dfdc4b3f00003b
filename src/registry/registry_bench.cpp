/// Plan and apply of 200 views with 10 features each, and what a reader pays to look for changes.
#include <filesystem>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "registry/plan.hpp"
#include "registry/sqlite/sqlite_registry.hpp"
#include "registry/test_definitions.hpp"

namespace provender::registry {
namespace {

/// A fresh registry on disk, made outside of the measured time.
class FreshRegistry {
 public:
  FreshRegistry() {
    std::filesystem::remove_all(folder_);
    registry_ =
        *open_sqlite_registry({.path = folder_ / "registry.db", .clock = clock_, .create = true});
  }
  FreshRegistry(const FreshRegistry&) = delete;
  FreshRegistry& operator=(const FreshRegistry&) = delete;
  ~FreshRegistry() {
    registry_.reset();
    std::filesystem::remove_all(folder_);
  }
  Registry& operator*() const { return *registry_; }

 private:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                  ("provender-registry-bench-" + std::to_string(getpid()));
  SystemClock clock_;
  std::unique_ptr<Registry> registry_;
};

/// Plans against what is applied, then applies. False if the answer is wrong.
bool plan_and_apply(Registry& registry,
                    const Definitions& definitions,
                    std::size_t expected_changes) {
  const auto before = registry.snapshot();
  if (!before) return false;
  const auto plan = make_plan(**before, definitions, {});
  const auto after = registry.apply({.definitions = definitions,
                                     .base_version = plan.base_version,
                                     .applied_by = "bench",
                                     .summary = plan.summary()});
  return after && plan.changes.size() == expected_changes && (*after)->definitions == definitions;
}

void create_200_views(benchmark::State& state) {
  const auto definitions = many_views(200);
  while (state.KeepRunning()) {
    state.PauseTiming();
    const FreshRegistry registry;
    state.ResumeTiming();
    if (!plan_and_apply(*registry, definitions, 201)) state.SkipWithError("wrong answer");
  }
}
BENCHMARK(create_200_views)->Unit(benchmark::kMillisecond);

void retype_a_feature_of_each_of_200_views(benchmark::State& state) {
  const auto before = many_views(200);
  auto after = before;
  for (auto& view : after.feature_views) {
    view.features[3].type = kInt32;
  }
  while (state.KeepRunning()) {
    state.PauseTiming();
    const FreshRegistry registry;
    if (!plan_and_apply(*registry, before, 201)) state.SkipWithError("wrong answer");
    state.ResumeTiming();
    if (!plan_and_apply(*registry, after, 200)) state.SkipWithError("wrong answer");
  }
}
BENCHMARK(retype_a_feature_of_each_of_200_views)->Unit(benchmark::kMillisecond);

void plan_200_views_without_a_change(benchmark::State& state) {
  const Snapshot applied{.version = 1, .definitions = many_views(200)};
  const auto proposed = many_views(200);
  while (state.KeepRunning()) {
    if (!make_plan(applied, proposed, {}).empty()) state.SkipWithError("wrong answer");
  }
}
BENCHMARK(plan_200_views_without_a_change)->Unit(benchmark::kMillisecond);

void look_for_a_change(benchmark::State& state) {
  const FreshRegistry registry;
  if (!plan_and_apply(*registry, many_views(200), 201)) state.SkipWithError("wrong answer");
  const auto first = (*registry).snapshot();
  while (state.KeepRunning()) {
    if (*(*registry).snapshot() != *first) state.SkipWithError("wrong answer");
  }
}
BENCHMARK(look_for_a_change)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace provender::registry
