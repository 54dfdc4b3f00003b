#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "provender/event_loop.hpp"
#include "provender/online_read.hpp"
#include "provender/result.hpp"

namespace provender::online {

/// Asks for the rows of one entity in several views.
struct Lookup {
  std::uint32_t entity_set = 0;              ///< the registry's number of the set of join keys
  std::string_view key;                      ///< encoded by codec::encode_key
  std::span<const std::uint32_t> store_ids;  ///< one per view
};

/// How many rows are asked for.
inline std::size_t row_count(std::span<const Lookup> lookups) {
  std::size_t rows = 0;
  for (const Lookup& lookup : lookups) {
    rows += lookup.store_ids.size();
  }
  return rows;
}

/// The rows found: one per lookup and store id, in order; an empty view where there is none. Valid
/// during the call.
using ReadDone = std::move_only_function<void(Result<std::span<const std::string_view>>)>;

/// One row to store. `row` begins with its 24 order bytes (codec/row_codec.hpp).
struct WriteRow {
  std::uint32_t entity_set = 0;
  std::string_view key;
  std::uint32_t store_id = 0;
  std::string_view row;
};

struct WriteResult {
  std::uint64_t written = 0;
  std::vector<std::size_t> kept;  ///< indexes of the rows whose stored row was newer
};

struct StoreStats {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  ///< on disk or in memory, of the whole store
};

/// What a store says to who writes, where it was opened to read only.
inline Error opened_read_only() {
  return {ErrorCode::FailedPrecondition, "the online store was opened to read only"};
}

/// Told how something ended.
using CheckDone = std::move_only_function<void(Result<>)>;

/// Reads rows. A store is one, and so is what it gives to an event loop.
class RowReader {
 public:
  virtual ~RowReader() = default;

  /// Calls `done` once: before returning, or, for a reader of an event loop, later on that loop.
  /// `lookups` must live until then.
  virtual void read(std::span<const Lookup> lookups, ReadDone done) = 0;

  /// Looks whether rows can be read now, and calls `done` as `read` does.
  virtual void check(CheckDone done) { done({}); }
};

/// The latest row of each entity and view: a cache that can be rebuilt from the offline store at
/// any time. Rows are opaque but for their order bytes: a row replaces the stored one unless its
/// order is less, so that writes may be repeated, race or come late. Safe for concurrent use. Every
/// failure is an Error; a store that is away or busy is Unavailable, a full one ResourceExhausted,
/// bytes of somebody else's FailedPrecondition or Corruption.
class OnlineStore : public RowReader {
 public:
  /// A reader for the callers of one event loop, who must not wait: confined to its thread, and
  /// dropped before the store and the loop; what it has under way is dropped without a word.
  /// nullptr: the store's own `read` never waits for anybody.
  virtual std::unique_ptr<RowReader> reader_on(EventLoop& /*loop*/) { return nullptr; }

  /// Stores rows, in any order (cheapest sorted by entity set, key, store id). On an error some may
  /// be stored; repeating the call is harmless.
  virtual Result<WriteResult> write(std::span<const WriteRow> rows) = 0;

  /// Returns once all that was written would survive a loss of power.
  virtual Result<> flush() = 0;

  /// Removes all rows of these store ids, in small steps; Cancelled when stopped between two.
  virtual Result<std::uint64_t> sweep(std::span<const std::uint32_t> store_ids,
                                      std::stop_token stop) = 0;

  virtual Result<StoreStats> stats() = 0;

  /// Connections to its servers, those of its readers too; nullopt where there are none to have.
  virtual std::optional<StoreActivity> activity() const { return std::nullopt; }

  /// Whether sorted writes of several views in one pass are cheaper than view after view.
  virtual bool prefers_ordered_writes() const = 0;
};

}  // namespace provender::online
