#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/problem.hpp"

namespace provender::definitions::yaml {

struct Member;

/// One value of a YAML document, aliases already replaced by what they stand for. Unlike yaml-cpp's
/// own nodes it keeps duplicate keys and whether a scalar was quoted, so that both can be judged.
struct Node {
  enum class Kind : unsigned char { Null, Scalar, List, Map };
  enum class Style : unsigned char {
    Plain,     ///< without quotes: `5` is a number, `true` a boolean
    Quoted,    ///< always text
    Expanded,  ///< held a ${NAME}: read as whatever is expected, shown as it was written
    Reported,  ///< a problem with it is known: nothing more is said of it
  };

  Kind kind = Kind::Null;
  Style style = Style::Plain;
  int line = 0;         ///< from 1
  std::string text;     ///< of a scalar
  std::string written;  ///< of an expanded scalar, before its expansion (which may be a secret)
  std::vector<Node> items;
  std::vector<Member> members;  ///< in the file's order, duplicates included

  bool is(Kind k) const noexcept { return kind == k; }
};

/// A key of a map and its value.
struct Member {
  Node key;
  Node value;
};

/// Parses one document; an empty file is Null. Nullopt after it has appended to `problems` what is
/// wrong: the syntax, text that is not UTF-8, a second document, a tag, or aliases that expand to
/// over a million nodes.
std::optional<Node> parse(std::string_view text,
                          const std::string& file,
                          std::vector<Problem>& problems);

}  // namespace provender::definitions::yaml
