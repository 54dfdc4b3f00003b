#include "pit/entity_index.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace provender::pit {
namespace {

/// Rows that are looked up together: their slots are fetched while others are compared.
constexpr std::size_t kTogether = 32;

struct Range {
  std::size_t begin;
  std::size_t end;
};

template <class T>
void find_integers(const IntegerIds& ids, const ColumnView& keys, Range range, std::uint32_t* out) {
  const T* values = static_cast<const T*>(keys.data);
  if (const auto first = ids.gapless_from()) {
    for (std::size_t i = range.begin; i < range.end; ++i) {
      const auto id =
          static_cast<std::uint64_t>(std::int64_t{values[i]}) - static_cast<std::uint64_t>(*first);
      *out++ = id < ids.size() ? static_cast<std::uint32_t>(id) : kNoEntity;
    }
    return;
  }
  for (std::size_t at = range.begin; at < range.end; at += kTogether) {
    const std::size_t end = std::min(at + kTogether, range.end);
    for (std::size_t i = at; i < end; ++i) {
      ids.prefetch(values[i]);
    }
    for (std::size_t i = at; i < end; ++i) {
      *out++ = ids.find(values[i]);
    }
  }
}

void find_texts(const TextIds& ids, const ColumnView& keys, Range range, std::uint32_t* out) {
  std::array<std::uint32_t, kTogether> hashes{};
  std::array<std::uint32_t, kTogether> likely{};
  const auto* texts = static_cast<const std::string_view*>(keys.data);
  for (std::size_t at = range.begin; at < range.end; at += kTogether) {
    const std::size_t count = std::min(kTogether, range.end - at);
    for (std::size_t i = 0; i < count; ++i) {
      hashes[i] = keys.is_null(at + i) ? 0 : TextIds::hash(texts[at + i]);
      ids.prefetch(hashes[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      likely[i] = ids.prefetch_likely(hashes[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      *out++ = keys.is_null(at + i) ? kNoEntity : ids.find(texts[at + i], hashes[i], likely[i]);
    }
  }
}

void find_part(const IntegerIds& ids, const ColumnView& keys, Range range, std::uint32_t* out) {
  switch (keys.type.kind) {
    case Kind::Bool:
      find_integers<std::uint8_t>(ids, keys, range, out);
      break;
    case Kind::Int32:
      find_integers<std::int32_t>(ids, keys, range, out);
      break;
    default:
      find_integers<std::int64_t>(ids, keys, range, out);
  }
  if (keys.validity == nullptr) return;
  for (std::size_t i = range.begin; i < range.end; ++i) {
    if (keys.is_null(i)) out[i - range.begin] = kNoEntity;
  }
}

void find_part(const TextIds& ids, const ColumnView& keys, Range range, std::uint32_t* out) {
  find_texts(ids, keys, range, out);
}

template <class T>
void add_integers(IntegerIds& ids, const ColumnView& keys, Range range, std::uint32_t* out) {
  const T* values = static_cast<const T*>(keys.data);
  for (std::size_t i = range.begin; i < range.end; ++i) {
    ids.prefetch(values[i]);
  }
  for (std::size_t i = range.begin; i < range.end; ++i) {
    *out++ = keys.is_null(i) ? kNoEntity : ids.add(values[i]);
  }
}

void add_part(IntegerIds& ids, const ColumnView& keys, Range range, std::uint32_t* out) {
  switch (keys.type.kind) {
    case Kind::Bool:
      return add_integers<std::uint8_t>(ids, keys, range, out);
    case Kind::Int32:
      return add_integers<std::int32_t>(ids, keys, range, out);
    default:
      return add_integers<std::int64_t>(ids, keys, range, out);
  }
}

void add_part(TextIds& ids, const ColumnView& keys, Range range, std::uint32_t* out) {
  std::array<std::uint32_t, kTogether> hashes{};
  for (std::size_t i = range.begin; i < range.end; ++i) {
    if (keys.is_null(i)) continue;
    hashes[i - range.begin] = TextIds::hash(keys.at<std::string_view>(i));
    ids.prefetch(hashes[i - range.begin]);
  }
  for (std::size_t i = range.begin; i < range.end; ++i) {
    *out++ = keys.is_null(i) ? kNoEntity
                             : ids.add(keys.at<std::string_view>(i), hashes[i - range.begin]);
  }
}

std::int64_t pair_of(std::uint32_t before, std::uint32_t part) {
  return static_cast<std::int64_t>((std::uint64_t{before} << 32) | part);
}

}  // namespace

EntityIndex::EntityIndex(std::span<const Type> key_types) {
  for (const Type type : key_types) {
    if (is_variable_length(type.kind)) {
      parts_.emplace_back(std::in_place_type<TextIds>);
    } else {
      parts_.emplace_back(std::in_place_type<IntegerIds>);
    }
  }
  pairs_.resize(parts_.size() - 1);
}

void EntityIndex::add(std::span<const ColumnView> keys, std::size_t rows, std::uint32_t* ids) {
  std::array<std::uint32_t, kTogether> part_ids{};
  for (std::size_t at = 0; at < rows; at += kTogether) {
    const Range range{.begin = at, .end = std::min(at + kTogether, rows)};
    const auto add_to = [&](std::size_t p, std::uint32_t* out) {
      std::visit([&](auto& part) { add_part(part, keys[p], range, out); }, parts_[p]);
    };
    add_to(0, ids + at);
    for (std::size_t p = 1; p < parts_.size(); ++p) {
      add_to(p, part_ids.data());
      for (std::size_t i = at; i < range.end; ++i) {
        const bool is_null = ids[i] == kNoEntity || part_ids[i - at] == kNoEntity;
        ids[i] = is_null ? kNoEntity : pairs_[p - 1].add(pair_of(ids[i], part_ids[i - at]));
      }
    }
  }
}

std::vector<std::uint32_t> EntityIndex::freeze() {
  std::vector<std::uint32_t> numbers;
  auto* const only = parts_.size() == 1 ? std::get_if<IntegerIds>(&parts_[0]) : nullptr;
  if (only != nullptr) numbers = only->number_by_order();
  for (auto& part : parts_) {
    std::visit([](auto& ids) { ids.freeze(); }, part);
  }
  for (IntegerIds& pair : pairs_) {
    pair.freeze();
  }
  return numbers;
}

void EntityIndex::find(std::span<const ColumnView> keys,
                       std::size_t rows,
                       std::uint32_t* ids) const {
  std::visit([&](const auto& part) { find_part(part, keys[0], {0, rows}, ids); }, parts_[0]);
  std::array<std::uint32_t, kTogether> part_ids{};
  for (std::size_t p = 1; p < parts_.size(); ++p) {
    for (std::size_t at = 0; at < rows; at += kTogether) {
      const Range range{.begin = at, .end = std::min(at + kTogether, rows)};
      std::visit([&](const auto& part) { find_part(part, keys[p], range, part_ids.data()); },
                 parts_[p]);
      const auto known = [&](std::size_t i) {
        return ids[i] != kNoEntity && part_ids[i - at] != kNoEntity;
      };
      for (std::size_t i = at; i < range.end; ++i) {
        if (known(i)) pairs_[p - 1].prefetch(pair_of(ids[i], part_ids[i - at]));
      }
      for (std::size_t i = at; i < range.end; ++i) {
        ids[i] = known(i) ? pairs_[p - 1].find(pair_of(ids[i], part_ids[i - at])) : kNoEntity;
      }
    }
  }
}

bool EntityIndex::may_have(std::size_t part, const Bound& least, const Bound& most) const {
  if (const auto* ids = std::get_if<IntegerIds>(&parts_[part])) {
    const auto* from = std::get_if<std::int64_t>(&least);
    const auto* to = std::get_if<std::int64_t>(&most);
    return from == nullptr || to == nullptr || ids->may_have(*from, *to);
  }
  const auto* from = std::get_if<std::string>(&least);
  const auto* to = std::get_if<std::string>(&most);
  return from == nullptr || to == nullptr || std::get<TextIds>(parts_[part]).may_have(*from, *to);
}

std::size_t EntityIndex::size() const {
  if (!pairs_.empty()) return pairs_.back().size();
  return std::visit([](const auto& ids) { return ids.size(); }, parts_[0]);
}

}  // namespace provender::pit
