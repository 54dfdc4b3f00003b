#include "offline/duckdb/page_readers.hpp"

#include <algorithm>
#include <utility>

#include "base/try.hpp"

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

TakenReaders::~TakenReaders() {
  for (auto& reader : readers_) {
    from_.give_back(std::move(reader));
  }
}

TakenReaders::Readers TakenReaders::want(std::size_t count) {
  const std::size_t before = readers_.size();
  while (readers_.size() < count) {
    readers_.push_back(from_.take());
  }
  // The last one comes back last, and is taken first: it is to do the same again, in the memory
  // that it has for it.
  std::reverse(readers_.begin() + static_cast<std::ptrdiff_t>(before), readers_.end());
  return Readers(readers_).first(count);
}

Result<std::size_t> rows_ready(TakenReaders::Readers readers, std::size_t most) {
  std::size_t out = most;
  for (const auto& reader : readers) {
    PROVENDER_ASSIGN(const std::size_t rows, reader->ready());
    out = std::min(out, rows);
  }
  return out;
}

}  // namespace provender::offline
