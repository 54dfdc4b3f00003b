#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "provender/result.hpp"

#include "offline/duckdb/handle.hpp"

namespace provender::offline {

struct DatabaseOptions {
  /// Bytes for the whole process: DuckDB gets three quarters, because its allocator and the batches
  /// that leave it are outside of what it counts.
  std::uint64_t memory_limit = 0;
  int threads = 1;
  std::filesystem::path temp_parent;  ///< where a folder for spilled data is made
  std::vector<std::string>
      allowed_directories;  ///< absolute; nothing outside can be read or written
  std::vector<std::string> allowed_files;
  /// What the metadata of Parquet files says is kept: for who takes a file that changes for an
  /// error.
  bool keeps_metadata = false;
};

/// An in-memory DuckDB whose configuration is locked: no extensions, no files but the allowed ones,
/// UTC. Safe for concurrent use; connections keep it alive.
class Database {
 public:
  static Result<std::shared_ptr<Database>> open(const DatabaseOptions& options);
  using Coming = std::shared_future<Result<std::shared_ptr<Database>>>;
  /// The same, and then `prepare`, once somebody asks for it: who asks waits.
  static Coming open_later(DatabaseOptions options,
                           std::function<Result<>(const std::shared_ptr<Database>&)> prepare = {});
  /// Opens one in another thread, before somebody asks. What is returned must be kept until then.
  [[nodiscard]] static std::future<void> open_beside(const Coming& coming);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  duckdb_database get() const { return handle_.get(); }
  /// A folder for temporary files, gone with the database. Io and the like: it cannot be made.
  Result<std::filesystem::path> make_temp_folder() const;

 private:
  explicit Database(std::filesystem::path temp_folder) : temp_folder_(std::move(temp_folder)) {}

  std::filesystem::path temp_folder_;
  DatabaseHandle handle_;
};

}  // namespace provender::offline
