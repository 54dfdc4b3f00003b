#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "parquet/chunk_reader.hpp"

namespace provender::offline {

/// Readers of pages for scans that come one after the other: their memory is used again. Safe for
/// concurrent use.
class PageReaders {
 public:
  /// Before any is taken: what their pages may take, as ChunkReader has it.
  void plan(std::size_t most_page_bytes) { most_page_bytes_ = most_page_bytes; }
  std::size_t most_page_bytes() const { return most_page_bytes_; }
  std::unique_ptr<parquet::ChunkReader> take();
  void give_back(std::unique_ptr<parquet::ChunkReader> reader);
  /// Gives the memory up of those that are not taken.
  void free();

 private:
  std::size_t most_page_bytes_ = 0;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::size_t made_ = 0;
  std::vector<std::unique_ptr<parquet::ChunkReader>> idle_;
};

}  // namespace provender::offline
