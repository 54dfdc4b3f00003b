#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "provender/online_read.hpp"

#include "base/json/reader.hpp"
#include "wire/errors.hpp"

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

  /// Reads a parsed body into this object, whose memory is used again; names point into the body.
  /// InvalidArgument names the member that is wrong, and `details` are its; a member of the single
  /// form that is none of ours is taken as a key here and judged by BoundKeys::bind. More than
  /// `max_rows` entities are refused.
  Result<> parse(const json::Value& body, std::size_t max_rows);

  Form form = Form::Single;
  FeatureRequest features;
  std::vector<Key> keys;
  std::size_t rows = 1;
  bool include_status = false;
  bool include_event_timestamp = false;
  bool include_age = false;
  ErrorDetails details;  ///< of the error that was met last

  bool includes_metadata() const {
    return include_status || include_event_timestamp || include_age;
  }
  const Key* key(std::string_view name) const;
};

/// The keys of a request, of the types that the read wants, row after row.
struct BoundKeys {
  std::vector<ValueView> views;  ///< rows × prepared.keys(), into the body and `decoded`
  std::string decoded;           ///< of keys that are not in the body as they are

  /// Finds and reads the keys that `prepared` wants; memory is used again. InvalidArgument names a
  /// key that is missing, null, of a wrong type, or, in the single form, unknown to the project
  /// (with the nearest name); the request's details are its.
  Result<> bind(ReadRequest& request, const PreparedRead& prepared);
};

}  // namespace provender::wire
