#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "online/lmdb/environment.hpp"
#include "online/lmdb/lmdb_error.hpp"
#include "online/lmdb/mapping.hpp"
#include "online/lmdb/tree_reader.hpp"

// How a store's folder is opened. All of it happens under an exclusive lock of the file `synced`.

namespace provender::online::lmdb {

struct Environment::Parts {
  ForkGuard guard;
  std::filesystem::path folder;
  bool is_read_only;
  SyncFile sync_file;
  File data;
  StoreHeader header;
  const char* mapped;
  EnvironmentHandle handle;
};

Environment::Environment(Parts parts)
    : guard_(std::move(parts.guard)),
      folder_(std::move(parts.folder)),
      is_read_only_(parts.is_read_only),
      sync_file_(std::move(parts.sync_file)),
      data_(std::move(parts.data)),
      header_(std::move(parts.header)),
      mapped_(parts.mapped),
      handle_(std::move(parts.handle)) {}

namespace {

namespace stdfs = std::filesystem;

constexpr unsigned kMaxReaders =
    1024;  // threads, of all processes together, that read at one moment
constexpr mdb_mode_t kFileMode = 0666;  // the umask decides
constexpr std::size_t kNewMapSize = std::size_t{1} << 20U;
constexpr int kTries = 5;
constexpr auto kBetweenTries = std::chrono::milliseconds(1);

stdfs::path data_path(const LmdbOptions& options) {
  return options.path / "data.mdb";
}

bool is_there(const stdfs::path& path) {
  std::error_code ignored;
  return stdfs::exists(path, ignored);
}

Result<EnvironmentHandle> open_lmdb(const stdfs::path& path,
                                    std::uint64_t map_size,
                                    unsigned flags) {
  MDB_env* env = nullptr;
  int code = mdb_env_create(&env);
  EnvironmentHandle handle(env);
  if (code == MDB_SUCCESS) code = mdb_env_set_maxreaders(env, kMaxReaders);
  if (code == MDB_SUCCESS) code = mdb_env_set_mapsize(env, map_size);
  if (code == MDB_SUCCESS) code = mdb_env_open(env, path.c_str(), flags, kFileMode);
  if (code == ENOMEM) {
    return Error(
        ErrorCode::ResourceExhausted,
        fmt::format("the online store {} cannot be mapped with {} bytes of address space: lower "
                    "online.map_size, or raise the limit (ulimit -v)",
                    path.string(),
                    map_size));
  }
  if (code != MDB_SUCCESS) return lmdb_error("open the online store", path, code);
  return handle;
}

Result<> make_folder(const stdfs::path& folder) {
  std::error_code failed;
  stdfs::create_directories(folder, failed);
  if (failed) return system_error("make the folder", folder, failed.value());
  return {};
}

/// Puts the header into a new LMDB file, and syncs it.
Result<> write_new_file(const stdfs::path& path, std::string_view header) {
  PROVENDER_ASSIGN(const auto env, open_lmdb(path, kNewMapSize, MDB_NOSUBDIR | MDB_NOLOCK));
  MDB_txn* transaction = nullptr;
  int code = mdb_txn_begin(env.get(), nullptr, 0, &transaction);
  if (code != MDB_SUCCESS) return lmdb_error("make the online store", path, code);
  Transaction writing(transaction);
  MDB_dbi table = 0;
  MDB_val key = to_val(kHeaderKey);
  MDB_val value = to_val(header);
  code = mdb_dbi_open(transaction, nullptr, 0, &table);
  if (code == MDB_SUCCESS) code = mdb_put(transaction, table, &key, &value, 0);
  if (code == MDB_SUCCESS) code = mdb_txn_commit(writing.release());
  if (code == MDB_SUCCESS) return {};
  PROVENDER_ASSIGN(const File file, File::open(path, O_RDONLY));
  return lmdb_error("make the online store", path, reason_of(code, file));
}

/// Makes an empty store: data.mdb appears whole or not at all.
Result<> create(const LmdbOptions& options, const SyncFile& sync_file) {
  PROVENDER_ASSIGN(const Id store, random_id());
  PROVENDER_ASSIGN(const Id boot, boot_id());
  PROVENDER_ASSIGN(
      const std::string header,
      encode_header(
          {.project = options.project, .registry_id = options.registry_id, .store = store}));
  const stdfs::path fresh = options.path / "new.mdb";
  std::error_code failed;
  stdfs::remove(fresh, failed);
  PROVENDER_TRY(write_new_file(fresh, header));
  PROVENDER_ASSIGN(const File data, File::open(fresh, O_RDONLY));
  PROVENDER_ASSIGN(const Meta meta, newest_meta(data));
  PROVENDER_TRY(sync_file.reset({.store = store, .boot = boot, .meta = meta}));
  stdfs::remove(options.path / "lock.mdb", failed);  // of a data.mdb that is gone
  stdfs::rename(fresh, data_path(options), failed);
  if (failed) return system_error("rename", fresh, failed.value());
  PROVENDER_ASSIGN(const File folder, File::open(options.path, O_RDONLY | O_DIRECTORY));
  return folder.sync();
}

Result<SyncFile> open_sync_file(const LmdbOptions& options) {
  const stdfs::path path = options.path / "synced";
  const bool has_data = is_there(data_path(options));
  if (has_data && !is_there(path)) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("{} lies there without {}: the folder is not Provender's, or that file is "
                    "lost; set another online.path, or delete the folder and run `provender "
                    "materialize --full`",
                    data_path(options).string(),
                    path.string()));
  }
  if (options.read_only) return SyncFile::open(path, O_RDONLY);
  return SyncFile::open(path, O_RDWR | (has_data ? 0 : O_CREAT));
}

/// After the machine stopped, pages that were not synced may be missing: goes back to the state
/// that was. Writers keep the pages of that state untouched while they are at work (Syncer).
Result<> take_back(const LmdbOptions& options, const SyncRecord& record) {
  PROVENDER_ASSIGN(const File data, File::open(data_path(options), O_RDWR));
  PROVENDER_TRY(restore_meta(data, record.meta));
  return check_pages(data, record.meta);
}

/// Whether LMDB may map the file as it is now. `meta` is its newest.
Result<> check_state(const File& data, const Meta& meta, const SyncRecord& record) {
  if (meta.transaction() < record.meta.transaction() ||
      (meta.transaction() == record.meta.transaction() && !(meta == record.meta))) {
    return Error(
        ErrorCode::Corruption,
        fmt::format("{} is not the file that was synced last (its transaction {} is, {} was): it "
                    "is damaged or was replaced; delete the store's folder and run `provender "
                    "materialize --full`",
                    data.path().string(),
                    meta.transaction(),
                    record.meta.transaction()));
  }
  PROVENDER_ASSIGN(const std::uint64_t size, data.size());
  if (size >= (meta.last_page() + 1) * meta.page_size()) return {};
  return check_pages(data, meta);
}

/// The checks of check_state, again while a process that is writing moves the file on under them.
Result<> check_moving_state(const File& data, const SyncRecord& record) {
  std::optional<Error> failed;
  for (int i = 0; i < kTries; ++i) {
    if (failed) std::this_thread::sleep_for(kBetweenTries);
    auto meta = newest_meta(data);
    if (meta) {
      auto checked = check_state(data, *meta, record);
      if (checked) return {};
      failed = std::move(checked).error();
    } else {
      failed = std::move(meta).error();
    }
  }
  return *std::move(failed);
}

Result<> check_data(const LmdbOptions& options, const File& data, const SyncRecord& record) {
  PROVENDER_ASSIGN(const Id boot, boot_id());
  if (record.boot != boot) {
    const auto meta = newest_meta(data);
    if (!meta || !(*meta == record.meta)) {
      auto done = take_back(options, record);
      if (!done) {
        return std::move(done).error().within(
            "the machine stopped while the online store was being written; taking it back to the "
            "last synced state");
      }
    }
  }
  return check_moving_state(data, record);
}

/// Whether LMDB's table of readers, in lock.mdb, can be written. (On a read-only file system LMDB
/// goes without it of its own accord.)
bool has_reader_table(const stdfs::path& folder) {
  const stdfs::path table = folder / "lock.mdb";
  const stdfs::path& needed = is_there(table) ? table : folder;
  return ::faccessat(AT_FDCWD, needed.c_str(), W_OK, AT_EACCESS) == 0;
}

/// A reader that cannot enter itself in LMDB's table does not keep writers from the pages that it
/// reads: it and writers keep out of each other's way. Under the lock of `synced`.
Result<> take_place(const LmdbOptions& options, const File& data, bool has_table) {
  using Mark = File::Mark;
  if (options.read_only && has_table) return {};
  const auto [ours, other] = options.read_only ? std::pair(Mark::ReaderWithoutLocks, Mark::Writer)
                                               : std::pair(Mark::Writer, Mark::ReaderWithoutLocks);
  PROVENDER_ASSIGN(const bool is_taken, data.is_marked(other));
  if (!is_taken) return data.mark(ours);
  return Error(
      ErrorCode::Unavailable,
      fmt::format("the online store {} {}: readers that may not write its lock.mdb cannot be there "
                  "while somebody writes; let them write that file, or try again when the other is "
                  "done",
                  options.path.string(),
                  options.read_only ? "is open to write in another process, and this one may not "
                                      "write lock.mdb"
                                    : "is read by a process that may not write lock.mdb"));
}

struct Found {
  StoreHeader header;
  const char* mapped;  ///< see Environment::mapped
};

Result<Found> read_header(MDB_env* env, const stdfs::path& folder) {
  MDB_txn* transaction = nullptr;
  int code = mdb_txn_begin(env, nullptr, MDB_RDONLY, &transaction);
  if (code != MDB_SUCCESS) return lmdb_error("read the online store", folder, code);
  const Transaction reading(transaction);
  MDB_dbi table = 0;
  MDB_val key = to_val(kHeaderKey);
  MDB_val value{};
  code = mdb_dbi_open(transaction, nullptr, 0, &table);
  if (code == MDB_SUCCESS) code = mdb_get(transaction, table, &key, &value);
  if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
    return lmdb_error("read the online store", folder, code);
  }
  auto header = decode_header(code == MDB_NOTFOUND ? "" : from_val(value));
  if (!header) return std::move(header).error().within(folder.string());
  MDB_stat stat{};
  mdb_stat(transaction, table, &stat);
  return Found{
      .header = *std::move(header),
      .mapped = stat.ms_psize == TreeReader::kPageSize ? mapped_file(value.mv_data) : nullptr};
}

}  // namespace

Result<Environment> Environment::open(const LmdbOptions& options) {
  PROVENDER_ASSIGN(ForkGuard guard, ForkGuard::make());
  if (options.read_only && !is_there(data_path(options))) {
    return Error(ErrorCode::NotFound,
                 fmt::format("there is no online store in {}: `provender materialize` makes it",
                             options.path.string()));
  }
  if (!options.read_only) PROVENDER_TRY(make_folder(options.path));
  PROVENDER_ASSIGN(SyncFile sync_file, open_sync_file(options));
  PROVENDER_ASSIGN(const auto lock, FileLock::take(sync_file.file(), FileLock::Mode::Exclusive));
  if (!options.read_only && !is_there(data_path(options))) {
    PROVENDER_TRY(create(options, sync_file));
  }

  PROVENDER_ASSIGN(const SyncRecord record, sync_file.read());
  PROVENDER_ASSIGN(File data,
                   File::open(data_path(options), options.read_only ? O_RDONLY : O_RDWR));
  PROVENDER_TRY(check_data(options, data, record));

  const bool has_table = !options.read_only || has_reader_table(options.path);
  PROVENDER_TRY(take_place(options, data, has_table));
  const unsigned mode =
      (options.read_only ? MDB_RDONLY : MDB_NOSYNC) | (has_table ? 0U : MDB_NOLOCK);
  PROVENDER_ASSIGN(EnvironmentHandle handle,
                   open_lmdb(options.path, options.map_size, mode | MDB_NOTLS | MDB_NORDAHEAD));
  int dead = 0;
  mdb_reader_check(handle.get(), &dead);
  PROVENDER_ASSIGN(Found found, read_header(handle.get(), options.path));
  if (found.header.store != record.store) {
    return Error(ErrorCode::FailedPrecondition,
                 fmt::format("{} and {} are of two different stores: delete the folder and run "
                             "`provender materialize --full`",
                             data.path().string(),
                             sync_file.file().path().string()));
  }
  Environment opened({.guard = std::move(guard),
                      .folder = options.path,
                      .is_read_only = options.read_only,
                      .sync_file = std::move(sync_file),
                      .data = std::move(data),
                      .header = std::move(found.header),
                      .mapped = found.mapped,
                      .handle = std::move(handle)});
  PROVENDER_TRY(opened.check_owner(options));
  return opened;
}

}  // namespace provender::online::lmdb
