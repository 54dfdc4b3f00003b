#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provender/event_loop.hpp"
#include "provender/value.hpp"

namespace provender {

/// What to read: features by reference, or a feature service; exactly one of the two.
struct FeatureRequest {
  /// `view:feature`, or a bare name (the view of that name, else the only view that has it).
  /// Behind it may stand a role: "user:country as seller (user_id = seller_id)" is that of the key
  /// that the request calls seller_id, named seller__country by full names.
  std::vector<std::string> features;
  std::string service;      ///< `name`, or `name@N`: as of applied version N
  bool full_names = false;  ///< output names are `view__feature`
};

/// A feature request resolved against one state of the registry: made once, used for many reads.
/// Immutable: safe for concurrent use.
class PreparedRead {
 public:
  struct Key {
    std::string name;
    Type type;
  };
  struct Feature {
    std::string name;  ///< output name
    std::string view;
    Type type;
    std::size_t row = 0;  ///< features of the same number are of one stored row, and have its time
  };

  virtual ~PreparedRead() = default;
  /// The keys that each entity row brings, in this order.
  virtual std::span<const Key> keys() const = 0;
  virtual std::span<const Feature> features() const = 0;
  /// The names of all keys of the project, of roles too: what a request may bring without need.
  virtual std::span<const std::string> known_keys() const = 0;
  /// The registry's revision that it was resolved against.
  virtual std::uint64_t revision() const = 0;
};

/// One value of an answer.
struct Cell {
  Status status = Status::NotFound;
  ValueView value;  ///< null unless status is Present (or Invalid, where bytes could be read)
  std::optional<Timestamp>
      event_timestamp;  ///< of the row that the value is from, also when it is too old
};

/// How many stored rows of an answer could not be read, by reason: their values are Invalid.
struct UnreadableRows {
  std::size_t checksum = 0;  ///< some bytes changed since the row was written
  std::size_t format = 0;    ///< of a format that this version does not know
  std::size_t schema = 0;    ///< of a schema that the registry does not know
};

/// The answer to one read. Values are decoded when asked for, from the store's own bytes: valid
/// during the callback.
class OnlineFeatures {
 public:
  virtual ~OnlineFeatures() = default;
  virtual std::size_t rows() const = 0;
  /// Row of the request, feature of the prepared read.
  virtual Cell cell(std::size_t row, std::size_t feature) const = 0;
  /// The time that ttl was judged at.
  virtual Timestamp now() const = 0;
  virtual UnreadableRows unreadable() const { return {}; }
};

/// Called once with the answer or what prevented it.
using OnlineReadDone =
    std::move_only_function<void(Result<std::reference_wrapper<const OnlineFeatures>>)>;

/// What a process has to do with an online store across a network now, in all its threads.
struct StoreActivity {
  std::uint64_t connections = 0;  ///< ready to be used
  std::uint64_t in_flight = 0;    ///< commands without a reply yet
  std::uint64_t reconnects = 0;   ///< connections made in place of lost ones, since the start
};

/// Reads the latest features of entities, in microseconds. Safe for concurrent use.
class OnlineReader {
 public:
  virtual ~OnlineReader() = default;

  /// Resolves a request against the registry as it was at most a second ago; the same request gives
  /// the same object until the registry changes. InvalidArgument or NotFound name what is wrong
  /// with it.
  virtual Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request) = 0;

  /// Reads the entities of `keys` (rows × prepared.keys(), row after row, each of the key's type,
  /// not null), all views in one call to the store, and calls `done` once: before returning, or
  /// later on the caller's event loop. `keys` need not outlive the call.
  virtual void read(std::shared_ptr<const PreparedRead> prepared,
                    std::span<const ValueView> keys,
                    OnlineReadDone done) = 0;

  /// A reader for the callers of one event loop, who must not wait: its reads and checks end on
  /// that loop, and a thread of this reader's looks at the registry. What only the registry can say
  /// (a service as of an older version) is waited for a tenth of a second at most, else
  /// Unavailable. Confined to the loop's thread; dropped before this reader and the loop, with all
  /// that it has under way. What was prepared by one is good for the other.
  virtual std::unique_ptr<OnlineReader> on_loop(EventLoop& loop) = 0;

  /// Looks whether the online store can be read, and calls `done` as `read` does.
  virtual void check(std::move_only_function<void(Result<>)> done) = 0;

  /// Looks at once whether the registry changed, so that requests need not. Returns the applied
  /// version; 0: nothing is applied yet. The reader of a loop has it looked at, and returns what
  /// the look before found.
  virtual Result<std::uint64_t> refresh() = 0;

  /// Connections to the online store; nullopt where it needs none.
  virtual std::optional<StoreActivity> activity() const { return std::nullopt; }
};

}  // namespace provender
