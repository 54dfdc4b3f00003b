#include "offline/duckdb/page_readers.hpp"

#include <utility>

namespace provender::offline {

using parquet::ChunkReader;

std::unique_ptr<ChunkReader> PageReaders::take() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) {
    idle_.reserve(++made_);  // so that nothing can fail when it comes back
    return std::make_unique<ChunkReader>(most_page_bytes_);
  }
  auto out = std::move(idle_.back());
  idle_.pop_back();
  return out;
}

void PageReaders::give_back(std::unique_ptr<ChunkReader> reader) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(reader));
}

void PageReaders::free() {
  const std::scoped_lock lock(mutex_);
  made_ -= idle_.size();
  idle_.clear();
}

}  // namespace provender::offline
