#include "pit/key_ids.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace provender::pit {
namespace {

constexpr std::size_t kFirstSlots = 1024;
/// A direct table may have this many addresses per key.
constexpr std::uint64_t kAddressesPerKey = 16;
/// More keys than this are hardly ever all outside of a range.
constexpr std::size_t kFewKeys = 50'000;

/// Whether any of the sorted keys is in [least, most].
template <class Key>
bool any_between(const std::vector<Key>& sorted, const Key& least, const Key& most) {
  const auto found = std::ranges::lower_bound(sorted, least);
  return found != sorted.end() && *found <= most;
}

/// The finalizer of MurmurHash3: every bit of the key changes every bit of the result.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

/// Both halves of a 128-bit product, folded (the step of wyhash).
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* bytes, std::size_t count) {
  std::uint64_t out = 0;
  std::memcpy(&out, bytes, count);
  return out;
}

}  // namespace

IntegerIds::IntegerIds()
    : slots_(kFirstSlots, Slot{.key = 0, .id = kNoEntity}),
      shift_(64 - std::countr_zero(kFirstSlots)) {}

std::size_t IntegerIds::place_of(std::int64_t key) const {
  return mix(static_cast<std::uint64_t>(key)) >> shift_;
}

std::uint32_t IntegerIds::find_hashed(std::int64_t key) const {
  for (std::size_t at = place_of(key);; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.key == key || slot.id == kNoEntity) return slot.id;
  }
}

std::uint32_t IntegerIds::add(std::int64_t key) {
  std::size_t at = place_of(key);
  while (slots_[at].id != kNoEntity) {
    if (slots_[at].key == key) return slots_[at].id;
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = {.key = key, .id = size_++};
  if (std::size_t{size_} * 2 > slots_.size()) grow();
  return size_ - 1;
}

void IntegerIds::grow() {
  std::vector<Slot> old(slots_.size() * 4, Slot{.key = 0, .id = kNoEntity});
  old.swap(slots_);
  shift_ -= 2;
  for (const Slot& slot : old) {
    if (slot.id == kNoEntity) continue;
    std::size_t at = place_of(slot.key);
    while (slots_[at].id != kNoEntity) {
      at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = slot;
  }
}

bool IntegerIds::may_have(std::int64_t least, std::int64_t most) const {
  return size_ > kFewKeys || any_between(sorted_, least, most);
}

void IntegerIds::freeze() {
  if (size_ == 0) return;
  if (size_ <= kFewKeys) {
    for (const Slot& slot : slots_) {
      if (slot.id != kNoEntity) sorted_.push_back(slot.key);
    }
    std::ranges::sort(sorted_);
  }
  const auto used = [](const Slot& slot) { return slot.id != kNoEntity; };
  std::int64_t least = std::ranges::find_if(slots_, used)->key;
  std::int64_t most = least;
  for (const Slot& slot : slots_) {
    if (!used(slot)) continue;
    least = std::min(least, slot.key);
    most = std::max(most, slot.key);
  }
  const std::uint64_t range = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least);
  if (range >= kAddressesPerKey * size_ + kFirstSlots) return;
  least_ = static_cast<std::uint64_t>(least);
  direct_.assign(range + 1, kNoEntity);
  for (const Slot& slot : slots_) {
    if (used(slot)) direct_[static_cast<std::uint64_t>(slot.key) - least_] = slot.id;
  }
  is_direct_ = true;
  std::vector<Slot>().swap(slots_);
}

TextIds::TextIds()
    : slots_(kFirstSlots, Slot{.id = kNoEntity, .length = 0, .bytes = {}}),
      mask_(kFirstSlots - 1) {}

std::uint64_t TextIds::hash(std::string_view key) {
  constexpr std::uint64_t kA = 0xa0761d6478bd642fULL;
  constexpr std::uint64_t kB = 0xe7037ed1a0b428dbULL;
  const char* at = key.data();
  std::size_t left = key.size();
  std::uint64_t state = kA ^ left;
  for (; left > 16; left -= 16, at += 16) {
    state = fold(load(at, 8) ^ kB, load(at + 8, 8) ^ state);
  }
  // The last 16 bytes or fewer, in two words that may overlap.
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (left >= 8) {
    first = load(at, 8);
    last = load(at + left - 8, 8);
  } else if (left >= 4) {
    first = load(at, 4);
    last = load(at + left - 4, 4);
  } else if (left > 0) {
    first = load(at, left);
  }
  return fold(kB ^ key.size(), fold(first ^ kB, last ^ state));
}

std::uint32_t TextIds::find_hashed(std::string_view key, std::uint64_t hash) const {
  for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
    const Slot& slot = slots_[at];
    if (slot.id == kNoEntity) return kNoEntity;
    if (slot.length == key.size() && slot.key() == key) return slot.id;
  }
}

std::uint32_t TextIds::add(std::string_view key) {
  if (const std::uint32_t id = find(key); id != kNoEntity) return id;
  Slot slot{.id = size_++, .length = static_cast<std::uint32_t>(key.size()), .bytes = {}};
  char* bytes = slot.bytes;
  if (key.size() > kInline) {
    bytes = long_keys_.allocate(key.size());
    slot.text = bytes;
  }
  std::ranges::copy(key, bytes);
  put(slot);
  if (std::size_t{size_} * 2 > slots_.size()) grow();
  return size_ - 1;
}

bool TextIds::may_have(std::string_view least, std::string_view most) const {
  return size_ > kFewKeys || any_between(sorted_, least, most);
}

void TextIds::freeze() {
  if (size_ > kFewKeys) return;
  for (const Slot& slot : slots_) {
    if (slot.id != kNoEntity) sorted_.push_back(slot.key());
  }
  std::ranges::sort(sorted_);
}

void TextIds::put(const Slot& slot) {
  std::size_t at = hash(slot.key()) & mask_;
  while (slots_[at].id != kNoEntity) {
    at = (at + 1) & mask_;
  }
  slots_[at] = slot;
}

void TextIds::grow() {
  std::vector<Slot> old(slots_.size() * 2, Slot{.id = kNoEntity, .length = 0, .bytes = {}});
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.id != kNoEntity) put(slot);
  }
}

}  // namespace provender::pit
