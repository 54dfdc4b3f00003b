#include "definitions/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <thread>
#include <utility>

#include <sys/wait.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::definitions {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kErrorTail = 8192;
constexpr std::chrono::milliseconds kExitPoll{2};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> open_pipe(const std::string& program) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("open a pipe for", program, errno);
  return Pipe{.read = Descriptor(ends[0]), .write = Descriptor(ends[1])};
}

/// A started program. Killed and waited for if it is still there when this goes.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }

  /// The exit status once it has ended.
  std::optional<int> poll_exit() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

/// posix_spawn's list of what to do in the child before the program starts.
class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  SpawnActions(SpawnActions&&) = delete;
  SpawnActions& operator=(SpawnActions&&) = delete;
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// With which signal mask and handlers the child starts: those of a fresh process. A child of ours
/// would inherit that the CLI blocks SIGINT and SIGTERM, and could not be stopped with it.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  SpawnAttributes(SpawnAttributes&&) = delete;
  SpawnAttributes& operator=(SpawnAttributes&&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

Result<Child> start(const ChildRequest& request, const Pipe& out, const Pipe& error) {
  SpawnActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), out.write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), error.write.get(), STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(actions.get(), request.folder.c_str());

  std::vector<std::string> words = request.command;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const SpawnAttributes attributes;
  pid_t pid = -1;
  const int failure = posix_spawnp(
      &pid, arguments.front(), actions.get(), attributes.get(), arguments.data(), environ);
  if (failure != 0) return system_error("run", request.command.front(), failure);
  return Child(pid);
}

/// Reads what is there. False at the end of the pipe.
bool read_some(const Descriptor& from, std::string& into) {
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read fills it
  const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
  if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

int milliseconds_until(SteadyTime deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

Error too_slow(const ChildRequest& request) {
  return {ErrorCode::Unavailable,
          fmt::format("did not end within {} s, and was stopped",
                      std::chrono::duration<double>(request.time_limit).count())};
}

/// Reads both pipes to their ends, so that the child never waits for a full one.
Result<> collect(const ChildRequest& request,
                 Descriptor out,
                 Descriptor error,
                 SteadyTime deadline,
                 ChildOutput& result) {
  while (out.is_open() || error.is_open()) {
    std::array<pollfd, 2> waiting{{{.fd = out.get(), .events = POLLIN, .revents = 0},
                                   {.fd = error.get(), .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), milliseconds_until(deadline));
    if (ready == 0) return too_slow(request);
    if (waiting[0].revents != 0 && !read_some(out, result.out)) out.reset();
    if (waiting[1].revents != 0 && !read_some(error, result.error_tail)) error.reset();
    if (result.out.size() > request.output_limit) {
      return Error(ErrorCode::ResourceExhausted,
                   fmt::format("wrote more than {} bytes, and was stopped", request.output_limit));
    }
    if (result.error_tail.size() > kErrorTail) {
      result.error_tail.erase(0, result.error_tail.size() - kErrorTail);
    }
  }
  return {};
}

}  // namespace

Result<ChildOutput> run_child(const ChildRequest& request) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + request.time_limit;
  PROVENDER_ASSIGN(Pipe out, open_pipe(request.command.front()));
  PROVENDER_ASSIGN(Pipe error, open_pipe(request.command.front()));
  PROVENDER_ASSIGN(Child child, start(request, out, error));
  out.write.reset();
  error.write.reset();

  ChildOutput result;
  PROVENDER_TRY(collect(request, std::move(out.read), std::move(error.read), deadline, result));
  std::optional<int> exit_status = child.poll_exit();
  for (; !exit_status; exit_status = child.poll_exit()) {
    if (milliseconds_until(deadline) == 0) return too_slow(request);
    std::this_thread::sleep_for(kExitPoll);
  }
  result.exit_status = *exit_status;
  return result;
}

}  // namespace provender::definitions
