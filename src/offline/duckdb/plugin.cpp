#include "offline/plugin.hpp"

#include "offline/duckdb/duckdb_store.hpp"

namespace provender::offline {
namespace {

Result<std::unique_ptr<OfflineStore>> open_store(const OfflineOptions& options) {
  if (!options.project.is_absolute()) {
    return Error(ErrorCode::InvalidArgument, "the project's path is not absolute");
  }
  return std::unique_ptr<OfflineStore>(new DuckdbStore(options));
}

}  // namespace
}  // namespace provender::offline

extern "C" __attribute__((visibility("default"))) const provender::offline::Plugin*
provender_offline_plugin() {
  static constexpr provender::offline::Plugin kPlugin{.build = provender::offline::kPluginBuild,
                                                      .open = provender::offline::open_store};
  return &kPlugin;
}
