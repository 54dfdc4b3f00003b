#include "online/lmdb/sync_file.hpp"

#include <algorithm>
#include <cerrno>
#include <string>

#include <sys/random.h>

#include <fcntl.h>
#include <fmt/format.h>

#include "base/crc32c.hpp"
#include "base/digits.hpp"
#include "base/endian.hpp"
#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::online::lmdb {
namespace {

constexpr std::size_t kSlots = 2;
constexpr std::size_t kSlotDistance = 4096;  // no device tears two at once

constexpr std::string_view kSyncMagic = "PVSYNC";
constexpr std::uint16_t kFormat = 1;
constexpr std::size_t kFormatAt = kSyncMagic.size();
constexpr std::size_t kNumberAt = 8;
constexpr std::size_t kStoreAt = 16;
constexpr std::size_t kBootAt = 32;
constexpr std::size_t kMetaAt = 48;
constexpr std::size_t kChecksumAt = kMetaAt + Meta::kSize;
constexpr std::size_t kSlotSize = kChecksumAt + sizeof(std::uint32_t);

std::string encode(const SyncRecord& record, std::uint64_t number) {
  std::string slot(kSlotSize, '\0');
  kSyncMagic.copy(slot.data(), kSyncMagic.size());
  store_le(slot.data() + kFormatAt, kFormat);
  store_le(slot.data() + kNumberAt, number);
  std::ranges::copy(record.store, slot.data() + kStoreAt);
  std::ranges::copy(record.boot, slot.data() + kBootAt);
  record.meta.bytes().copy(slot.data() + kMetaAt, Meta::kSize);
  store_le(slot.data() + kChecksumAt, crc32c(std::string_view(slot).substr(0, kChecksumAt)));
  return slot;
}

Id id_at(std::string_view slot, std::size_t at) {
  Id id;
  slot.copy(id.data(), id.size(), at);
  return id;
}

}  // namespace

Result<Id> random_id() {
  Id id;
  if (::getrandom(id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
    return system_error("read", "random bytes", errno);
  }
  return id;
}

Result<Id> boot_id() {
  // 36 characters: 32 hexadecimal digits and 4 dashes.
  PROVENDER_ASSIGN(const File file, File::open("/proc/sys/kernel/random/boot_id", O_RDONLY));
  PROVENDER_ASSIGN(std::string text, file.read_at(0, 36));
  std::erase(text, '-');
  const auto bytes = hex_decode(text);
  Id id;
  if (!bytes || bytes->size() != id.size()) {
    return Error(ErrorCode::Io, fmt::format("{} holds no id", file.path().string()));
  }
  std::ranges::copy(*bytes, id.begin());
  return id;
}

Result<SyncFile> SyncFile::open(const std::filesystem::path& path, int flags) {
  PROVENDER_ASSIGN(File file, File::open(path, flags));
  return SyncFile(std::move(file));
}

Result<std::optional<SyncFile::Slot>> SyncFile::read_slot(std::size_t slot) const {
  PROVENDER_ASSIGN(const std::string bytes, file_.read_at(slot * kSlotDistance, kSlotSize));
  if (bytes.size() < kSlotSize || !bytes.starts_with(kSyncMagic)) return std::nullopt;
  const auto format = load_le<std::uint16_t>(bytes.data() + kFormatAt);
  if (format > kFormat) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("{} is of format {}, made by a newer Provender; this version reads format "
                    "{}: upgrade, or delete the folder and run `provender materialize --full`",
                    file_.path().string(),
                    format,
                    kFormat));
  }
  const auto checksum = load_le<std::uint32_t>(bytes.data() + kChecksumAt);
  if (checksum != crc32c(std::string_view(bytes).substr(0, kChecksumAt))) return std::nullopt;
  return Slot{.number = load_le<std::uint64_t>(bytes.data() + kNumberAt),
              .record = {.store = id_at(bytes, kStoreAt),
                         .boot = id_at(bytes, kBootAt),
                         .meta = Meta(std::string_view(bytes).substr(kMetaAt))}};
}

Result<SyncRecord> SyncFile::read() const {
  PROVENDER_ASSIGN(const auto even, read_slot(0));
  PROVENDER_ASSIGN(const auto odd, read_slot(1));
  if (!even && !odd) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("{} holds no record of an online store, though data lie beside it: it is "
                    "damaged, or the folder is not Provender's; delete the folder and run "
                    "`provender materialize --full`, or set another online.path",
                    file_.path().string()));
  }
  const std::uint64_t even_number = even ? even->number : 0;
  return odd && odd->number >= even_number ? odd->record : even->record;
}

Result<> SyncFile::write(const SyncRecord& record) const {
  PROVENDER_ASSIGN(const auto even, read_slot(0));
  PROVENDER_ASSIGN(const auto odd, read_slot(1));
  const std::uint64_t last = std::max(even ? even->number : 0, odd ? odd->number : 0);
  const std::size_t older = even && even->number == last ? 1 : 0;
  PROVENDER_TRY(file_.write_at(older * kSlotDistance, encode(record, last + 1)));
  return file_.sync();
}

Result<> SyncFile::reset(const SyncRecord& record) const {
  std::string slots(kSlots * kSlotDistance, '\0');
  encode(record, 1).copy(slots.data(), kSlotSize);
  PROVENDER_TRY(file_.write_at(0, slots));
  return file_.sync();
}

}  // namespace provender::online::lmdb
