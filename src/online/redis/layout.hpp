#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "online/online_store.hpp"
#include "online/redis/call.hpp"
#include "online/row_names.hpp"

namespace provender::online::redis {

/// Stands for a row that cannot be made of what is stored: no row at all begins so, and whoever
/// reads it says INVALID for its values.
inline constexpr std::string_view kUnreadable = "unreadable";

/// The rows of one read as they are put together.
struct FoundRows {
  std::vector<std::string_view> rows;
  std::deque<std::string> made;  ///< bytes of rows that were not stored as such

  void clear() {
    rows.clear();
    made.clear();
  }
};

/// How rows are keys and fields of Redis, and what is said to read and write them. Immutable: safe
/// for concurrent use.
class Layout {
 public:
  virtual ~Layout() = default;

  virtual std::string_view name() const = 0;
  /// What a pattern of SCAN finds all keys of rows by.
  virtual std::string pattern() const = 0;
  /// The key of the store's header.
  virtual std::string header_key() const = 0;

  /// Adds one command that reads the rows of a lookup, which has a key and store ids. Returns the
  /// names that it was made with, if any.
  virtual Result<std::shared_ptr<const RowNames>> read(Call& call, const Lookup& lookup) const = 0;
  /// What `read` was given, the reply to its command, and the names that it returned.
  struct Answer {
    const Lookup& lookup;
    const Reply& reply;
    const RowNames* names;
  };
  /// Adds the rows, one per store id, that a reply holds.
  virtual Result<> found(const Answer& answer, FoundRows& into) const = 0;

  /// What writes refer to: rows of one entity, each of another store id. Adds one command of
  /// `script()`, which answers with the places of the rows it kept back, from 1.
  virtual Result<> write(Call& call, std::span<const WriteRow> rows) const = 0;
  virtual std::string_view script() const = 0;

  /// Whether there is a command cheaper than the script for rows of which nothing is stored.
  virtual bool can_insert() const { return false; }
  /// Adds that command: it stores a row unless there is one of its key and store id, and answers
  /// with 1 or 0.
  virtual void insert(Call& /*call*/, const WriteRow& /*row*/) const {}

  /// Adds one command that removes the rows of these store ids from a key, and answers with how
  /// many there were.
  virtual void remove(Call& call,
                      std::string_view key,
                      std::span<const std::uint32_t> ids) const = 0;
  /// Adds one command that answers with how many rows a key holds: 0 for a key of others.
  virtual void count(Call& call, std::string_view key) const = 0;
};

/// The layout in which a row is one field (docs/format/redis.md). `prefix` is what every key begins
/// with; of a cluster's commands the slot is known.
std::unique_ptr<const Layout> make_packed_layout(std::string prefix, bool is_cluster);

/// The layout in which a feature is one field. `names` are asked when a number is met that is not
/// known yet; `known` are those known from the beginning, or null.
std::unique_ptr<const Layout> make_json_layout(std::string prefix,
                                               LoadRowNames names,
                                               std::shared_ptr<const RowNames> known = nullptr);

/// `text` as a pattern of SCAN that means itself.
std::string glob_escaped(std::string_view text);

/// The SHA-1 of a script as EVALSHA names it: 40 hexadecimal digits.
std::string script_name(std::string_view script);

}  // namespace provender::online::redis
