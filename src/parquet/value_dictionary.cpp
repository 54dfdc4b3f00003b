#include "parquet/value_dictionary.hpp"

#include <bit>
#include <functional>

#include "base/endian.hpp"

namespace provender::parquet {
namespace {

constexpr std::size_t kFirstSlots = 64;  ///< a power of two
constexpr std::size_t kBothEnds = 16;    ///< bytes

// Of golden ratio and square root of two: odd, and with bits all over.
constexpr std::uint64_t kHeadFactor = 0x9E37'79B9'7F4A'7C15;
constexpr std::uint64_t kTailFactor = 0xB504'F333'F9DE'6485;

}  // namespace

ValueDictionary::Ends ValueDictionary::ends_of(std::string_view value) {
  const char* const end = value.data() + value.size();
  Ends out{.size = value.size()};
  if (value.size() >= 8) {
    out.head = load_le<std::uint64_t>(value.data());
    out.tail = load_le<std::uint64_t>(end - 8);
  } else if (value.size() >= 4) {
    out.head = load_le<std::uint32_t>(value.data());
    out.tail = load_le<std::uint32_t>(end - 4);
  } else {
    for (const char byte : value) {
      out.head = out.head << 8 | static_cast<std::uint8_t>(byte);
    }
  }
  return out;
}

std::uint64_t ValueDictionary::hash_of(const Ends& ends, std::string_view value) {
  const std::uint64_t rest =
      value.size() > kBothEnds ? std::hash<std::string_view>{}(value) : value.size();
  const std::uint64_t mixed = ends.head * kHeadFactor ^ std::rotl(ends.tail * kTailFactor, 32);
  return (mixed ^ rest) * kHeadFactor;
}

/// Where it is, or where it would be.
std::size_t ValueDictionary::slot_of(const Ends& ends, std::string_view value) const {
  std::size_t slot = hash_of(ends, value) >> shift_;
  while (slots_[slot] != 0) {
    const std::uint32_t number = slots_[slot] - 1;
    if (ends_[number] == ends && (value.size() <= kBothEnds || values_[number] == value)) break;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

void ValueDictionary::clear() {
  slots_.assign(kFirstSlots, 0);
  shift_ = 64 - std::countr_zero(kFirstSlots);
  ends_.clear();
  values_.clear();
  held_.clear();
  bytes_ = 0;
}

std::optional<std::uint32_t> ValueDictionary::find_or_add(std::string_view value,
                                                          std::size_t most_values) {
  if (slots_.empty()) clear();
  const Ends ends = ends_of(value);
  std::size_t slot = slot_of(ends, value);
  if (slots_[slot] != 0) return slots_[slot] - 1;
  if (values_.size() >= most_values || value.size() > most_bytes_ - bytes_) return std::nullopt;
  if ((values_.size() + 1) * 2 > slots_.size()) {
    grow();
    slot = slot_of(ends, value);
  }
  bytes_ += value.size();
  values_.push_back(held_.emplace_back(value));
  ends_.push_back(ends);
  slots_[slot] = static_cast<std::uint32_t>(values_.size());
  return slots_[slot] - 1;
}

void ValueDictionary::grow() {
  slots_.assign(slots_.size() * 2, 0);
  --shift_;
  for (std::size_t number = 0; number < values_.size(); ++number) {
    slots_[slot_of(ends_[number], values_[number])] = static_cast<std::uint32_t>(number + 1);
  }
}

}  // namespace provender::parquet
