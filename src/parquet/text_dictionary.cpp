#include "parquet/text_dictionary.hpp"

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

TextDictionary::Ends TextDictionary::ends_of(std::string_view text) {
  const char* const end = text.data() + text.size();
  Ends out{.size = text.size()};
  if (text.size() >= 8) {
    out.head = load_le<std::uint64_t>(text.data());
    out.tail = load_le<std::uint64_t>(end - 8);
  } else if (text.size() >= 4) {
    out.head = load_le<std::uint32_t>(text.data());
    out.tail = load_le<std::uint32_t>(end - 4);
  } else {
    for (const char byte : text) {
      out.head = out.head << 8 | static_cast<std::uint8_t>(byte);
    }
  }
  return out;
}

std::uint64_t TextDictionary::hash_of(const Ends& ends, std::string_view text) {
  const std::uint64_t rest =
      text.size() > kBothEnds ? std::hash<std::string_view>{}(text) : text.size();
  const std::uint64_t mixed = ends.head * kHeadFactor ^ std::rotl(ends.tail * kTailFactor, 32);
  return (mixed ^ rest) * kHeadFactor;
}

/// Where it is, or where it would be.
std::size_t TextDictionary::slot_of(const Ends& ends, std::string_view text) const {
  std::size_t slot = hash_of(ends, text) >> shift_;
  while (slots_[slot] != 0) {
    const std::uint32_t number = slots_[slot] - 1;
    if (ends_[number] == ends && (text.size() <= kBothEnds || texts_[number] == text)) break;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

void TextDictionary::clear() {
  slots_.assign(kFirstSlots, 0);
  shift_ = 64 - std::countr_zero(kFirstSlots);
  ends_.clear();
  texts_.clear();
  held_.clear();
  bytes_ = 0;
}

std::optional<std::uint32_t> TextDictionary::find_or_add(std::string_view text) {
  if (slots_.empty()) clear();
  const Ends ends = ends_of(text);
  std::size_t slot = slot_of(ends, text);
  if (slots_[slot] != 0) return slots_[slot] - 1;
  if (texts_.size() == kMostTexts || text.size() > kMostBytes - bytes_) return std::nullopt;
  if ((texts_.size() + 1) * 2 > slots_.size()) {
    grow();
    slot = slot_of(ends, text);
  }
  bytes_ += text.size();
  texts_.push_back(held_.emplace_back(text));
  ends_.push_back(ends);
  slots_[slot] = static_cast<std::uint32_t>(texts_.size());
  return slots_[slot] - 1;
}

void TextDictionary::grow() {
  slots_.assign(slots_.size() * 2, 0);
  --shift_;
  for (std::size_t number = 0; number < texts_.size(); ++number) {
    slots_[slot_of(ends_[number], texts_[number])] = static_cast<std::uint32_t>(number + 1);
  }
}

}  // namespace provender::parquet
