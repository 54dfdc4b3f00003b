#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "serving/answer.hpp"

namespace provender::serving {

/// What one read keeps until the store has answered.
struct PendingRead {
  std::shared_ptr<const Prepared> prepared;
  std::string key_bytes;
  std::vector<std::size_t> ends;  ///< of each key, in `key_bytes`
  std::vector<online::Lookup> lookups;
  Answer answer;
  OnlineReadDone done;

  /// Encodes the key of each row and group, and makes the lookups from them. InvalidArgument for a
  /// key that is too long.
  Result<> encode(std::span<const ValueView> keys);
};

/// Keeps the memory of reads for those that come. Safe for concurrent use.
class PendingReads {
 public:
  std::unique_ptr<PendingRead> take();
  /// Drops what is large, or one too many.
  void give_back(std::unique_ptr<PendingRead> read);

 private:
  std::mutex mutex_;  ///< guards idle_
  std::vector<std::unique_ptr<PendingRead>> idle_;
};

}  // namespace provender::serving
