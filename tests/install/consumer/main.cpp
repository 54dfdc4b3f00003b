// A program of somebody else's: makes a project, applies it, asks for training rows and for the
// latest values.
#include <cstdio>
#include <filesystem>
#include <string>

#include <provender/feature_store.hpp>
#include <provender/project.hpp>

namespace {

int failed(const provender::Error& error) {
  std::fprintf(stderr, "%s\n", std::string(error.message()).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  if (auto made = provender::init_project(folder); !made) return failed(made.error());
  const auto store = provender::FeatureStore::open({.project = folder});
  if (!store) return failed(store.error());

  const auto plan = (*store)->plan({});
  if (!plan) return failed(plan.error());
  if (const auto applied = (*store)->apply(*plan, {}); !applied) return failed(applied.error());

  const provender::FeatureRequest request{.features = {"watch_count_30d"}, .service = ""};
  const auto report = (*store)->get_historical_features(
      {.features = request, .spine = folder / "spine.csv", .out = folder / "training.csv"}, {});
  if (!report) return failed(report.error());
  std::printf("%llu training rows\n", static_cast<unsigned long long>(report->rows));

  if (const auto runs = (*store)->materialize({}, {}); !runs) return failed(runs.error());
  const auto online = (*store)->online();
  if (!online) return failed(online.error());
  const auto prepared = (*online)->prepare(request);
  if (!prepared) return failed(prepared.error());
  const provender::ValueView key(provender::Kind::String, "8a2f");
  std::string value;
  (*online)->read(*prepared, {&key, 1}, [&](const auto& features) {
    if (features) value = provender::to_text(features->get().cell(0, 0).value);
  });
  std::printf("watch_count_30d of 8a2f: %s\n", value.c_str());
  return value == "47" ? 0 : 1;
}
