#pragma once

#include <array>
#include <optional>

#include "provender/result.hpp"

#include "online/lmdb/data_file.hpp"
#include "online/lmdb/file.hpp"

/// The file `synced` of a store's folder: the last state that is known to be on the disk whole, and
/// the machine's run in which that was so. Two slots, written in turns, so that one is whole at any
/// moment.
namespace provender::online::lmdb {

using Id = std::array<char, 16>;

/// A random id.
Result<Id> random_id();

/// The id of this run of the machine: another one after each start.
Result<Id> boot_id();

struct SyncRecord {
  Id store = {};
  Id boot = {};
  Meta meta;
};

class SyncFile {
 public:
  /// `flags` of open(2).
  static Result<SyncFile> open(const std::filesystem::path& path, int flags);

  const File& file() const noexcept { return file_; }

  /// The newest record. FailedPrecondition where there is none, or one of a newer format.
  Result<SyncRecord> read() const;

  /// Makes `record` the newest and returns when it is on the disk. Under an exclusive lock of the
  /// file.
  Result<> write(const SyncRecord& record) const;

  /// Makes `record` the only one.
  Result<> reset(const SyncRecord& record) const;

 private:
  explicit SyncFile(File file) : file_(std::move(file)) {}

  struct Slot {
    std::uint64_t number = 0;  ///< of the writing: the greater is the newer
    SyncRecord record;
  };
  Result<std::optional<Slot>> read_slot(std::size_t slot) const;

  File file_;
};

}  // namespace provender::online::lmdb
