#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "provender/result.hpp"

#include "online/lmdb/environment.hpp"

namespace provender::online::lmdb {

/// Makes writes durable without a sync at each commit, so that a loss of power takes the store back
/// to an earlier state and never breaks it. LMDB writes changed pages to free places, and takes the
/// places of a state only when no reader looks at it any more. So this process looks, as a reader,
/// at a state that is on the disk whole and named in the file `synced`, from before its first write
/// until all it wrote is synced: `sync` moves that pin on, at intervals and in flush(). Safe for
/// concurrent use.
class Syncer {
 public:
  /// When it syncs by itself.
  struct Limits {
    std::chrono::milliseconds interval;  ///< after a write
    std::uint64_t growth;                ///< of the file, in bytes, since the last sync
  };
  Syncer(const Environment& environment, Limits limits);
  Syncer(const Syncer&) = delete;
  Syncer& operator=(const Syncer&) = delete;
  Syncer(Syncer&&) = delete;
  Syncer& operator=(Syncer&&) = delete;
  ~Syncer();

  /// This process's turn to write; ends with the object.
  class Turn {
   public:
    /// Says that something was committed.
    void committed();

   private:
    friend class Syncer;
    Turn(Syncer& syncer, std::unique_lock<std::mutex> lock)
        : syncer_(syncer), lock_(std::move(lock)) {}
    Syncer& syncer_;
    std::unique_lock<std::mutex> lock_;
  };

  /// Waits for the turn, and pins a synced state.
  Result<Turn> begin();

  /// Returns once all that was committed before is on the disk.
  Result<> flush();

 private:
  struct Pin {
    Transaction transaction;
    Meta meta;
  };
  Result<Pin> pin_newest() const;
  Result<> record(const Meta& meta) const;
  Result<> sync();
  bool has_grown() const;
  void unpin_when_idle();
  void run(const std::stop_token& stop);

  const Environment& environment_;
  const Limits limits_;
  std::mutex turn_mutex_;  // held by the one that writes
  std::mutex sync_mutex_;  // held by the one that syncs
  std::mutex mutex_;       // guards what follows; taken last
  std::condition_variable_any changed_;
  bool is_dirty_ = false;   // something was committed since the last sync began
  bool is_urgent_ = false;  // the file has grown since by more than it may
  std::optional<Pin> pin_;
  std::optional<Error>
      failed_;  // a sync that failed: the kernel may have dropped what it did not write
  std::jthread thread_;
};

}  // namespace provender::online::lmdb
