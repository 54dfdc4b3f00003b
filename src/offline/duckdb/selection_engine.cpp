#include "offline/duckdb/selection_engine.hpp"

#include "offline/duckdb/asof_engine.hpp"
#include "offline/duckdb/kernel_engine.hpp"

namespace provender::offline {

std::unique_ptr<SelectionEngine> make_engine(const EngineRequest& request) {
  if (request.options.join_engine == JoinEngine::Asof) {
    return std::make_unique<AsofEngine>(request);
  }
  return std::make_unique<KernelEngine>(request);
}

}  // namespace provender::offline
