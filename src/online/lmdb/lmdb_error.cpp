#include "online/lmdb/lmdb_error.hpp"

#include <cerrno>

#include <fmt/format.h>
#include <lmdb.h>

#include "base/fs.hpp"

namespace provender::online::lmdb {
namespace {

struct Meaning {
  ErrorCode code;
  std::string_view advice;
};

Meaning meaning_of(int code) {
  switch (code) {
    case MDB_MAP_FULL:
      return {ErrorCode::ResourceExhausted, "the store has reached online.map_size: raise it"};
    case MDB_READERS_FULL:
      return {ErrorCode::ResourceExhausted, "too many threads and processes read at once"};
    case MDB_TXN_FULL:
    case MDB_CURSOR_FULL:
    case MDB_PAGE_FULL:
      return {ErrorCode::ResourceExhausted, "write fewer or smaller rows at once"};
    case MDB_MAP_RESIZED:
      return {ErrorCode::FailedPrecondition,
              "another process with a larger online.map_size let the store grow past this one's: "
              "give both the same and open the store again"};
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
      return {ErrorCode::Corruption,
              "delete the store's folder and run `provender materialize --full` to rebuild it"};
    case MDB_VERSION_MISMATCH:
      return {ErrorCode::FailedPrecondition,
              "a process with another version of LMDB has the store open: stop it first"};
    case MDB_PANIC:
      return {ErrorCode::Unavailable, "an earlier write failed: open the store again"};
    default:
      return {ErrorCode::Internal, "this is a bug"};
  }
}

}  // namespace

Error lmdb_error(std::string_view action, const std::filesystem::path& folder, int code) {
  if (code > 0) return system_error(action, folder, code);
  const Meaning meaning = meaning_of(code);
  return {
      meaning.code,
      fmt::format("{} {}: {} ({})", action, folder.string(), mdb_strerror(code), meaning.advice)};
}

int reason_of(int code, const File& data) {
  return code == EIO && data.has_no_room() ? ENOSPC : code;
}

}  // namespace provender::online::lmdb
