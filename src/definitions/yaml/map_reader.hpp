#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "definitions/yaml/reader.hpp"

namespace provender::definitions::yaml {

/// A map whose keys are known: each is asked for once, then `finish` reports what was not asked for
/// and what stands twice. Confined to one thread.
class MapReader {
 public:
  /// Adds a problem if the field is no map; it then reads as an empty one. `expected` says what it
  /// should be.
  MapReader(const Reader& reader, Field field, std::string_view expected = "a map");

  const Reader& reader() const { return reader_; }
  const Node& node() const { return *field_.node; }
  const std::string& path() const { return field_.path; }
  bool is_map() const { return node().is(Node::Kind::Map); }

  /// The value of `key`, if the map has it.
  std::optional<Field> find(std::string_view key);
  /// find, with a problem at finish() if there is none.
  std::optional<Field> require(std::string_view key, std::string_view expected);
  /// False if a missing, unknown or duplicate key was reported.
  bool finish();

 private:
  /// The known key that was meant, or "".
  std::string report_unknown(const Node& key) const;

  const Reader& reader_;
  Field field_;
  std::vector<std::string> known_;
  std::vector<std::pair<std::string, std::string>> missing_;  ///< key, what was expected
};

/// The members of a map from names to things, in the file's order. Keys that are not text, and
/// names that stand twice, are reported and left out.
struct NamedMembers {
  struct Named {
    std::string name;
    const Node* key;
    Field value;
  };
  std::vector<Named> members;
  bool is_map = true;  ///< or nothing, which reads as an empty one
};
NamedMembers named_members(const Reader& reader, const Field& field, std::string_view expected);

/// A map from names to texts; Nullopt after it has reported what is not.
std::optional<std::map<std::string, std::string>> text_map(const Reader& reader,
                                                           const Field& field);

}  // namespace provender::definitions::yaml
