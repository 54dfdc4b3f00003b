#include "pit/key_ids.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace provender::pit {
namespace {

constexpr std::size_t kFirstSlots = 1024;
/// A direct table may have this many addresses per key.
constexpr std::uint64_t kAddressesPerKey = 16;
/// Keys with fewer gaps than one in so many need no table.
constexpr std::uint64_t kKeysPerGap = 8;
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

std::uint64_t load8(const char* bytes) {
  std::uint64_t out = 0;
  std::memcpy(&out, bytes, sizeof(out));
  return out;
}

std::uint64_t load4(const char* bytes) {
  std::uint32_t out = 0;
  std::memcpy(&out, bytes, sizeof(out));
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
  LargeVector<Slot> old(slots_.size() * 4, Slot{.key = 0, .id = kNoEntity});
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

IntegerIds::Range IntegerIds::range() const {
  const auto used = [](const Slot& slot) { return slot.id != kNoEntity; };
  const std::int64_t first = std::ranges::find_if(slots_, used)->key;
  Range out{.least = first, .most = first};
  for (const Slot& slot : slots_) {
    if (!used(slot)) continue;
    out.least = std::min(out.least, slot.key);
    out.most = std::max(out.most, slot.key);
  }
  return out;
}

std::vector<std::uint32_t> IntegerIds::number_by_order() {
  if (size_ == 0) return {};
  const Range keys = range();
  if (keys.span() >= size_ + size_ / kKeysPerGap) return {};
  std::vector<std::uint32_t> out(size_);
  for (const Slot& slot : slots_) {
    if (slot.id == kNoEntity) continue;
    const std::uint64_t distance =
        static_cast<std::uint64_t>(slot.key) - static_cast<std::uint64_t>(keys.least);
    out[slot.id] = static_cast<std::uint32_t>(distance);
  }
  size_ = static_cast<std::uint32_t>(keys.span() + 1);
  is_gapless_ = true;
  return out;
}

void IntegerIds::freeze() {
  if (size_ == 0) return;
  if (size_ <= kFewKeys) {
    for (const Slot& slot : slots_) {
      if (slot.id != kNoEntity) sorted_.push_back(slot.key);
    }
    std::ranges::sort(sorted_);
  }
  const Range keys = range();
  is_direct_ = is_gapless_ || keys.span() < kAddressesPerKey * size_ + kFirstSlots;
  if (!is_direct_) return;
  least_ = static_cast<std::uint64_t>(keys.least);
  if (!is_gapless_) {
    direct_.assign(keys.span() + 1, kNoEntity);
    for (const Slot& slot : slots_) {
      if (slot.id != kNoEntity) direct_[static_cast<std::uint64_t>(slot.key) - least_] = slot.id;
    }
  }
  LargeVector<Slot>().swap(slots_);
}

TextIds::TextIds() : entries_(kFirstSlots), mask_(kFirstSlots - 1) {}

/// All bytes in words of 8, of which the last ones may overlap.
std::uint32_t TextIds::hash(std::string_view key) {
  constexpr std::uint64_t kA = 0xa0761d6478bd642fULL;
  constexpr std::uint64_t kB = 0xe7037ed1a0b428dbULL;
  const char* at = key.data();
  const std::size_t size = key.size();
  std::uint64_t state = kA ^ size;
  for (std::size_t left = size; left > 16; left -= 16, at += 16) {
    state = fold(load8(at) ^ kB, load8(at + 8) ^ state);
  }
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (size >= 16) {
    first = load8(key.data() + size - 16);
    last = load8(key.data() + size - 8);
  } else if (size >= 8) {
    first = load8(at);
    last = load8(at + size - 8);
  } else if (size >= 4) {
    first = load4(at);
    last = load4(at + size - 4);
  } else if (size > 0) {
    first = (std::uint64_t{static_cast<std::uint8_t>(at[0])} << 16) |
            (std::uint64_t{static_cast<std::uint8_t>(at[size / 2])} << 8) |
            static_cast<std::uint8_t>(at[size - 1]);
  }
  return static_cast<std::uint32_t>(fold(kB ^ size, fold(first ^ kB, last ^ state)) >> 32);
}

bool TextIds::Key::is(std::string_view key) const {
  if (length != key.size()) return false;
  if (length > kInline || length < 8) return view() == key;
  // What overlaps is compared twice.
  const char* const others = key.data();
  const std::size_t end = length - 8;
  const std::size_t middle = std::min<std::size_t>(end, 8);
  const std::uint64_t difference = (load8(bytes) ^ load8(others)) |
                                   (load8(bytes + middle) ^ load8(others + middle)) |
                                   (load8(bytes + end) ^ load8(others + end));
  return difference == 0;
}

std::uint32_t TextIds::prefetch_likely(std::uint32_t hash) const {
  for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
    const Entry& entry = entries_[at];
    if (entry.id == kNoEntity) return kNoEntity;
    if (entry.hash != hash) continue;
    __builtin_prefetch(&keys_[entry.id]);
    return entry.id;
  }
}

std::uint32_t TextIds::find(std::string_view key, std::uint32_t hash) const {
  for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
    const Entry& entry = entries_[at];
    if (entry.id == kNoEntity) return kNoEntity;
    if (entry.hash == hash && keys_[entry.id].is(key)) return entry.id;
  }
}

std::uint32_t TextIds::add(std::string_view key, std::uint32_t hash) {
  if (const std::uint32_t id = find(key, hash); id != kNoEntity) return id;
  const auto id = static_cast<std::uint32_t>(keys_.size());
  Key& own = keys_.emplace_back(Key{.length = key.size(), .bytes = {}});
  char* bytes = own.bytes;
  if (key.size() > kInline) {
    bytes = long_keys_.allocate(key.size());
    own.text = bytes;
  }
  std::ranges::copy(key, bytes);
  put({.hash = hash, .id = id});
  if (keys_.size() * 2 > entries_.size()) grow();
  return id;
}

bool TextIds::may_have(std::string_view least, std::string_view most) const {
  return keys_.size() > kFewKeys || any_between(sorted_, least, most);
}

void TextIds::freeze() {
  if (keys_.size() > kFewKeys) return;
  for (const Key& key : keys_) {
    sorted_.push_back(key.view());
  }
  std::ranges::sort(sorted_);
}

void TextIds::put(const Entry& entry) {
  std::size_t at = entry.hash & mask_;
  while (entries_[at].id != kNoEntity) {
    at = (at + 1) & mask_;
  }
  entries_[at] = entry;
}

void TextIds::grow() {
  LargeVector<Entry> old(entries_.size() * 4);
  old.swap(entries_);
  mask_ = entries_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.id != kNoEntity) put(entry);
  }
}

}  // namespace provender::pit
