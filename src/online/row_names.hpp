#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "provender/result.hpp"
#include "provender/types.hpp"

#include "codec/row_codec.hpp"
#include "model/row_schema.hpp"

namespace provender::online {

/// What the numbers in rows stand for, for stores that others read by name. Immutable.
struct RowNames {
  struct View {
    std::string name;
    std::map<std::uint16_t, std::string> features;  ///< by field id: what is applied now
  };
  struct EntitySet {
    std::string entity;      ///< its name
    std::vector<Type> keys;  ///< of its join keys
  };
  struct Schema {
    RowSchema schema;
    codec::RowLayout layout;
  };

  std::map<std::uint32_t, View> views;  ///< by store id
  std::map<std::uint32_t, EntitySet> entity_sets;
  std::map<std::uint32_t, Schema> schemas;  ///< by schema id
};

/// Gives the names as they are now; called again when a number is met that they do not have. Safe
/// for concurrent use.
using LoadRowNames = std::function<Result<std::shared_ptr<const RowNames>>()>;

}  // namespace provender::online
