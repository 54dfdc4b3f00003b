#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "provender/types.hpp"

#include "definitions/yaml/node.hpp"
#include "model/cadence.hpp"

namespace provender::definitions::yaml {

/// A value with its dotted path for messages: `feature_views.user_profile.ttl`. A view into its
/// tree.
struct Field {
  const Node* node;
  std::string path;

  /// The member `key` of this map, whose value is `value`.
  Field member(std::string_view key, const Node& value) const;
};

/// Reads typed values out of one file's tree, and writes down what does not fit. Each getter
/// returns nullopt after it has added a problem that says where, what was found and what was
/// expected. Confined to one thread.
class Reader {
 public:
  /// `problems` must outlive the reader.
  Reader(std::string file, std::vector<Problem>& problems)
      : file_(std::move(file)), problems_(&problems) {}

  Location where(const Node& node) const { return {.file = file_, .line = node.line}; }
  void problem(const Node& at, std::string message) const;
  /// "PATH: expected EXPECTED, found …".
  void mismatch(const Field& field, std::string_view expected) const;

  /// Text that is not empty. Plain `5` or `true` is refused with the advice to quote it.
  std::optional<std::string> text(const Field& field, std::string_view expected = "text") const;
  /// Text that may be empty: descriptions.
  std::optional<std::string> any_text(const Field& field, std::string_view expected = "text") const;
  std::optional<bool> boolean(const Field& field) const;
  std::optional<int> integer(const Field& field, int min, int max) const;
  std::optional<std::vector<std::string>> texts(const Field& field) const;
  /// One of `choices`.
  std::optional<std::string> choice(const Field& field, std::span<const std::string> choices) const;

  std::optional<Type> type(const Field& field) const;
  std::optional<Duration> duration(const Field& field) const;
  std::optional<Cadence> cadence(const Field& field) const;
  /// Bytes from `512MiB`, `4GB`, …
  std::optional<std::uint64_t> size(const Field& field) const;

 private:
  using Expected = std::string_view;
  /// The scalar read by `parse`, or a problem: a bare number lacks its unit, else the parser's own
  /// message.
  template <class T>
  std::optional<T> parsed(const Field& field,
                          Expected expected,
                          Result<T> (*parse)(std::string_view)) const;

  std::string file_;
  std::vector<Problem>* problems_;
};

/// What a message about `path` begins with: nothing for the document itself.
std::string prefix(const std::string& path);

}  // namespace provender::definitions::yaml
