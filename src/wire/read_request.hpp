#pragma once

#include <string_view>
#include <vector>

#include "provender/online_read.hpp"

#include "base/json/reader.hpp"

namespace provender::wire {

/// The body of POST /get-online-features (docs/reference/http.md), in either form.
struct ReadRequest {
  enum class Form : unsigned char {
    Single,   ///< one entity, its keys at the top level
    Columns,  ///< Feast's: {"entities": {"user_id": [...]}}
  };
  struct Key {
    std::string_view name;
    json::Value value;  ///< a scalar; in column form the list of them
  };

  Form form = Form::Single;
  FeatureRequest features;
  std::vector<Key> keys;
  std::size_t rows = 1;
  bool include_status = false;
  bool include_event_timestamp = false;
  bool include_age = false;

  bool includes_metadata() const {
    return include_status || include_event_timestamp || include_age;
  }
  const Key* key(std::string_view name) const;
};

/// Reads a parsed body; names point into it. InvalidArgument names the member that is wrong; a
/// member of the single form that is none of ours is taken as a key here and judged by bind_keys.
/// More than `max_rows` entities are refused.
Result<ReadRequest> parse_read_request(const json::Value& body, std::size_t max_rows);

/// The keys of a request, of the types that the read wants, row after row.
struct BoundKeys {
  std::vector<Value> owned;
  std::vector<ValueView> views;  ///< rows × prepared.keys(), into `owned`
};

/// Finds and reads the keys that `prepared` wants. InvalidArgument names a key that is missing,
/// null, of a wrong type, or, in the single form, unknown to the project (with the nearest name).
Result<BoundKeys> bind_keys(const ReadRequest& request, const PreparedRead& prepared);

}  // namespace provender::wire
