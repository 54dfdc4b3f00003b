#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "parquet/chunk_reader.hpp"

namespace provender::offline {

/// Rows that are handed on together: what is known of them stays in the cache.
inline constexpr std::size_t kRowsTogether = 2048;

/// Readers of pages for scans that come one after the other: their memory is used again. Safe for
/// concurrent use.
class PageReaders {
 public:
  /// Before any is taken: what their pages may take, as ChunkReader has it.
  void plan(std::size_t most_page_bytes) { most_page_bytes_ = most_page_bytes; }
  std::size_t most_page_bytes() const { return most_page_bytes_; }
  /// Gives the memory up of those that are not taken.
  void free();

 private:
  friend class TakenReaders;
  std::unique_ptr<parquet::ChunkReader> take();
  void give_back(std::unique_ptr<parquet::ChunkReader> reader);

  std::size_t most_page_bytes_ = 0;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::size_t made_ = 0;
  std::vector<std::unique_ptr<parquet::ChunkReader>> idle_;
};

/// Readers that one scan has, until it ends. Confined to one thread.
class TakenReaders {
 public:
  using Readers = std::span<const std::unique_ptr<parquet::ChunkReader>>;

  /// `from` outlives it.
  explicit TakenReaders(PageReaders& from) : from_(from) {}
  ~TakenReaders();
  TakenReaders(const TakenReaders&) = delete;
  TakenReaders& operator=(const TakenReaders&) = delete;

  /// Takes more, if there are fewer; these, the same ones each time.
  Readers want(std::size_t count);

 private:
  PageReaders& from_;
  std::vector<std::unique_ptr<parquet::ChunkReader>> readers_;
};

/// How many of the next rows, at most `most`, lie in one page of each reader. Errors as
/// ChunkReader::ready.
Result<std::size_t> rows_ready(TakenReaders::Readers readers, std::size_t most);

}  // namespace provender::offline
