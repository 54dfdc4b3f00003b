#include "online/lmdb/shared_environment.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <sys/stat.h>

#include <fmt/format.h>
#include <unistd.h>

#include "base/try.hpp"

namespace provender::online::lmdb {
namespace {

/// The folders that this process has open, by device and inode.
class OpenFolders {
 public:
  Result<std::shared_ptr<SharedEnvironment>> open(const LmdbOptions& options) {
    std::unique_lock lock(mutex_);
    const auto folder = id_of(options.path);
    while (folder) {
      const auto found = open_.find(*folder);
      if (found == open_.end()) break;
      if (found->second.process != ::getpid()) {  // the parent's, which forked
        open_.erase(found);
        break;
      }
      if (auto shared = found->second.environment.lock()) {
        lock.unlock();  // if it is refused it may be the last, and be closed here
        return check(options, std::move(shared));
      }
      closed_.wait(lock);  // it is being closed at this moment
    }
    return open_new(options);
  }

 private:
  using FolderId = std::pair<dev_t, ino_t>;

  struct Entry {
    pid_t process;
    std::weak_ptr<SharedEnvironment> environment;
  };

  static std::optional<FolderId> id_of(const std::filesystem::path& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return std::nullopt;
    return FolderId(found.st_dev, found.st_ino);
  }

  static Result<std::shared_ptr<SharedEnvironment>> check(
      const LmdbOptions& options, std::shared_ptr<SharedEnvironment> shared) {
    PROVENDER_TRY(shared->environment.check_owner(options));
    if (shared->environment.is_read_only() && !options.read_only) {
      return Error(ErrorCode::FailedPrecondition,
                   fmt::format("this process has the online store {} open to read only: close it "
                               "there before it is opened to write",
                               options.path.string()));
    }
    return shared;
  }

  Result<std::shared_ptr<SharedEnvironment>> open_new(const LmdbOptions& options) {
    PROVENDER_ASSIGN(Environment environment, Environment::open(options));
    const auto folder = id_of(options.path).value_or(FolderId());
    std::shared_ptr<SharedEnvironment> shared(
        new SharedEnvironment(std::move(environment), options),
        [this, folder](SharedEnvironment* last) { close(folder, last); });
    open_.insert_or_assign(folder, Entry{.process = ::getpid(), .environment = shared});
    return shared;
  }

  void close(const FolderId& folder, SharedEnvironment* last) {
    if (last->environment.is_in_child()) return;  // it is the parent's: leave it alone
    delete last;
    const std::scoped_lock lock(mutex_);
    open_.erase(folder);
    closed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable closed_;
  std::map<FolderId, Entry> open_;
};

}  // namespace

Result<std::shared_ptr<SharedEnvironment>> share_environment(const LmdbOptions& options) {
  // Of the process, because LMDB's locks are. Never destroyed: stores may close while the process
  // ends.
  static auto& folders = *new OpenFolders();
  return folders.open(options);
}

}  // namespace provender::online::lmdb
