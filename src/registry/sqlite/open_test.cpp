/// What a registry does with files, folders and disks that are not as it needs them.
#include <csignal>
#include <fstream>

#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <gmock/gmock.h>

#include "registry/sqlite/test_registry.hpp"

namespace provender::registry {
namespace {

using Open = RegistryTest;
namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// File modes mean nothing to root, so what they forbid is tried as nobody.
class AsNobody {
 public:
  AsNobody() : is_root_(geteuid() == 0) { EXPECT_EQ(is_root_ ? seteuid(65534) : 0, 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() { EXPECT_EQ(is_root_ ? seteuid(0) : 0, 0); }

 private:
  bool is_root_;
};

/// Files cannot grow past a size, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t size) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = size, .rlim_max = before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

Result<std::unique_ptr<Registry>> open_at(const fs::path& path, const Clock& clock, bool create) {
  return open_sqlite_registry({.path = path, .clock = clock, .create = create});
}

TEST_F(Open, MakesTheFolderOnlyWhenAsked) {
  const auto path = folder_ / "a/b/registry.db";
  PROVENDER_EXPECT_ERROR(
      open_at(path, clock_, /*create=*/false), ErrorCode::NotFound, "run `provender apply` first");
  EXPECT_FALSE(fs::exists(folder_ / "a"));
  PROVENDER_EXPECT_OK(open_at(path, clock_, /*create=*/true));
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(Open, KeepsARollbackJournalAndMarksItsFile) {
  open();
  EXPECT_EQ(query("PRAGMA journal_mode"), "delete");
  EXPECT_EQ(query("PRAGMA application_id"), std::to_string(0x50525652));
  EXPECT_EQ(query("PRAGMA user_version"), "1");
}

TEST_F(Open, TakesAnEmptyFileForARegistryToBe) {
  write(path_, "");
  PROVENDER_EXPECT_ERROR(
      open_at(path_, clock_, /*create=*/false), ErrorCode::NotFound, "the file is empty");
  PROVENDER_EXPECT_OK(open_at(path_, clock_, /*create=*/true));
}

TEST_F(Open, LeavesAFileAloneThatIsNoDatabase) {
  const std::string text(5000, 'x');
  write(path_, text);
  PROVENDER_EXPECT_ERROR(
      open_at(path_, clock_, /*create=*/true), ErrorCode::Corruption, "file is not a database");
  EXPECT_EQ(bytes_of(path_), text);
}

TEST_F(Open, LeavesADatabaseOfAnotherProgramAlone) {
  {
    const auto other = value_of(sqlite::Database::open({.path = path_, .create = true}));
    PROVENDER_EXPECT_OK(
        other->run_script("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('keep me')"));
  }
  const auto before = bytes_of(path_);
  PROVENDER_EXPECT_ERROR(open_at(path_, clock_, /*create=*/true),
                         ErrorCode::FailedPrecondition,
                         "belongs to another program");
  EXPECT_EQ(bytes_of(path_), before);
  run_sql("PRAGMA application_id = 252006674");
  PROVENDER_EXPECT_ERROR(open_at(path_, clock_, /*create=*/true),
                         ErrorCode::FailedPrecondition,
                         "application id 0xf055112");
  EXPECT_EQ(query("SELECT text FROM notes"), "keep me");
}

TEST_F(Open, RefusesANewerFormat) {
  PROVENDER_EXPECT_OK(apply(*open(), streaming()));
  run_sql("PRAGMA user_version = 2");
  const auto before = bytes_of(path_);
  PROVENDER_EXPECT_ERROR(
      open_at(path_, clock_, /*create=*/true),
      ErrorCode::FailedPrecondition,
      "format 2, but this build reads format 1: use a newer version of Provender");
  EXPECT_EQ(bytes_of(path_), before);
}

TEST_F(Open, ReportsATruncatedFile) {
  PROVENDER_EXPECT_OK(apply(*open(), many_views(20)));
  fs::resize_file(path_, fs::file_size(path_) / 2);
  auto registry = open_at(path_, clock_, /*create=*/false);
  if (registry) {
    PROVENDER_EXPECT_ERROR(
        (*registry)->snapshot(), ErrorCode::Corruption, "restore the file from a copy");
  } else {
    EXPECT_EQ(registry.error().code(), ErrorCode::Corruption);
  }
}

TEST_F(Open, ReportsAFolderInTheFilesPlace) {
  fs::create_directory(path_);
  PROVENDER_EXPECT_ERROR(open_at(path_, clock_, /*create=*/true), ErrorCode::Io, "registry.db");
}

TEST_F(Open, ReportsAFolderThatCannotBeMade) {
  write(folder_ / "file", "");
  PROVENDER_EXPECT_ERROR(open_at(folder_ / "file/sub/registry.db", clock_, /*create=*/true),
                         ErrorCode::NotFound,
                         "create the folder of the registry");
}

TEST_F(Open, ReadsAReadOnlyFileInAReadOnlyFolder) {
  PROVENDER_EXPECT_OK(apply(*open(), streaming()));
  fs::permissions(path_, fs::perms(0444));
  fs::permissions(folder_.path(), fs::perms(0555));
  const AsNobody nobody;
  const auto registry = open(/*create=*/false);
  EXPECT_EQ(value_of(registry->snapshot())->definitions, streaming());
  PROVENDER_EXPECT_ERROR(
      apply(*registry, many_views(1)), ErrorCode::PermissionDenied, "may only be read");
  PROVENDER_EXPECT_ERROR(registry->runs().acquire("a", "b", clock_.now(), Duration(1)),
                         ErrorCode::PermissionDenied,
                         "may only be read");
  EXPECT_EQ(value_of(registry->snapshot())->version, 1);
}

TEST_F(Open, WritesNothingWhereTheJournalCannotBeMade) {
  PROVENDER_EXPECT_OK(apply(*open(), streaming()));
  fs::permissions(path_, fs::perms(0666));
  fs::permissions(folder_.path(), fs::perms(0555));
  const AsNobody nobody;
  const auto registry = open(/*create=*/false);
  PROVENDER_EXPECT_ERROR(apply(*registry, many_views(1)), ErrorCode::PermissionDenied, "folder");
  EXPECT_EQ(value_of(registry->snapshot())->definitions, streaming());
}

TEST_F(Open, ReportsAFileThatMayNotBeRead) {
  PROVENDER_EXPECT_OK(apply(*open(), streaming()));
  fs::permissions(path_, fs::perms(0000));
  fs::permissions(folder_.path(), fs::perms(0755));
  const AsNobody nobody;
  PROVENDER_EXPECT_ERROR(
      open_at(path_, clock_, /*create=*/false), ErrorCode::PermissionDenied, "owner and mode");
}

TEST_F(Open, ReportsAFolderThatMayNotBeEntered) {
  PROVENDER_EXPECT_OK(apply(*open(), streaming()));
  fs::permissions(folder_.path(), fs::perms(0000));
  const AsNobody nobody;
  PROVENDER_EXPECT_ERROR(
      open_at(path_, clock_, /*create=*/false), ErrorCode::PermissionDenied, "registry.db");
}

/// Dies in the middle of a change that has reached the file.
void die_while_writing(const fs::path& path) {
  const auto child = fork();
  if (child == 0) {
    const auto database = value_of(sqlite::Database::open({.path = path}));
    const bool is_written =
        database
            ->run_script(
                "PRAGMA cache_size = 1; BEGIN IMMEDIATE; "
                "UPDATE versions SET summary = 'half', definitions = '';"
                "UPDATE fields SET feature = 'half'; UPDATE runs SET view = 'half'; "
                "CREATE TABLE half AS SELECT randomblob(100000)")
            .has_value();
    raise(is_written ? SIGKILL : SIGABRT);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST_F(Open, UndoesAHalfChangeWhoeverMayWrite) {
  PROVENDER_EXPECT_OK(apply(*open(), many_views(20)));
  die_while_writing(path_);
  ASSERT_TRUE(fs::exists(folder_ / "registry.db-journal"));
  fs::permissions(path_, fs::perms(0444));
  fs::permissions(folder_ / "registry.db-journal", fs::perms(0444));
  fs::permissions(folder_.path(), fs::perms(0555));
  {
    const AsNobody nobody;
    PROVENDER_EXPECT_ERROR(
        open_at(path_, clock_, /*create=*/false), ErrorCode::PermissionDenied, "a writer died");
  }
  fs::permissions(path_, fs::perms(0644));
  fs::permissions(folder_.path(), fs::perms(0755));
  EXPECT_EQ(value_of(open(/*create=*/false)->snapshot())->definitions, many_views(20));
  expect_intact();
}

TEST_F(Open, AFullDiskLeavesTheOldVersionWhole) {
  const auto registry = open();
  PROVENDER_EXPECT_OK(apply(*registry, streaming()));
  int refused = 0;
  const auto end = fs::file_size(path_) + 400'000;
  for (rlim_t limit = 0; limit < end; limit += 8192) {
    const auto before = value_of(registry->snapshot());
    const auto result = [&] {
      const FullDisk disk(limit);
      return apply(*registry, before->version % 2 == 1 ? many_views(40) : streaming());
    }();
    if (result) break;
    ++refused;
    EXPECT_EQ(result.error().code(), ErrorCode::ResourceExhausted) << message_of(result);
    EXPECT_THAT(message_of(result), ::testing::HasSubstr("nothing was changed"));
    EXPECT_EQ(value_of(registry->snapshot()), before);
    EXPECT_EQ(value_of(open(/*create=*/false)->snapshot())->definitions, streaming());
  }
  EXPECT_GT(refused, 10);
  EXPECT_EQ(value_of(registry->snapshot())->definitions, many_views(40));
  expect_intact();
}

TEST_F(Open, AFullDiskMakesNoHalfRegistry) {
  for (rlim_t limit = 0; limit < 60'000; limit += 4096) {
    const FullDisk disk(limit);
    PROVENDER_EXPECT_ERROR(
        open_at(path_, clock_, /*create=*/true), ErrorCode::ResourceExhausted, "full");
  }
  PROVENDER_EXPECT_OK(open_at(path_, clock_, /*create=*/true));
  expect_intact();
}

}  // namespace
}  // namespace provender::registry
