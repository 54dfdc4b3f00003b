#pragma once

#include <memory>
#include <span>

#include "provender/result.hpp"

#include "base/shared_pointer.hpp"
#include "online/row_names.hpp"

namespace provender::online::redis {

/// The names of rows as they are known, and asked for anew when a number is met that is not. Safe
/// for concurrent use.
class NamesInUse {
 public:
  /// `known` are those known from the beginning, or null.
  NamesInUse(LoadRowNames load, std::shared_ptr<const RowNames> known);

  /// nullptr: none were loaded yet.
  std::shared_ptr<const RowNames> known() const;
  /// The names as they are now. Those who still read a generation that is over know its number.
  Result<std::shared_ptr<const RowNames>> load_anew() const;
  /// The names, loaded anew if they lack one of these numbers.
  Result<std::shared_ptr<const RowNames>> with(std::uint32_t entity_set,
                                               std::span<const std::uint32_t> store_ids) const;

 private:
  struct Known {
    std::shared_ptr<const RowNames> loaded;
    std::shared_ptr<const RowNames> names;  ///< `loaded`, and the views of those loaded before
  };

  LoadRowNames load_;
  mutable SharedPointer<const Known> known_;
};

}  // namespace provender::online::redis
