#include "online/redis/testing/redis_server.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::online::redis::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const std::string& word : words) {
    out.push_back(const_cast<char*>(word.c_str()));  // NOLINT: execve's signature
  }
  out.push_back(nullptr);
  return out;
}

/// Calls `step` until it is true; false when patience ends.
template <class Step>
bool until(Step step) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!step()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error(ErrorCode::Io, "pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  pid_t child = -1;
  const int failure = ::posix_spawnp(
      &child, command.front().c_str(), &actions, nullptr, pointers(command).data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string output;
  std::array<char, 4096> some{};
  for (ssize_t count = 0; (count = ::read(ends[0], some.data(), some.size())) > 0;) {
    output.append(some.data(), static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  if (failure != 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    return Error(ErrorCode::Unavailable,
                 fmt::format("{} failed: {}", fmt::join(command, " "), output));
  }
  return output;
}

bool is_free(int port) {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int failure = ::bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(file);
  return failure == 0;
}

/// One that, like that of a cluster's bus, 10,000 above, is free: below the range that the system
/// gives to clients, and not of those of tests/e2e/redis_servers.py. Processes begin at different
/// places.
int free_port() {
  constexpr int kFirst = 11'000;
  constexpr int kCount = 5'000;
  static std::atomic<int> next = 0;
  for (int tries = 0; tries < kCount; ++tries) {
    const int port = kFirst + (::getpid() * 37 + next++) % kCount;
    if (is_free(port) && is_free(port + 10'000)) return port;
  }
  return 0;
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "provender-redis-XXXXXX").string();
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<std::unique_ptr<RedisServer>> RedisServer::start(std::vector<std::string> arguments,
                                                        int port) {
  std::unique_ptr<RedisServer> server(new RedisServer());
  server->arguments_ = std::move(arguments);
  server->port_ = port;
  PROVENDER_TRY(server->launch());
  return server;
}

Result<> RedisServer::launch() {
  std::vector<std::string> command = {"redis-server",
                                      "--port",
                                      std::to_string(port_),
                                      "--bind",
                                      "127.0.0.1",
                                      "--unixsocket",
                                      socket(),
                                      "--dir",
                                      folder_.path().string(),
                                      "--save",
                                      "",
                                      "--appendonly",
                                      "no",
                                      "--loglevel",
                                      "warning",
                                      "--logfile",
                                      "log",
                                      "--daemonize",
                                      "no",
                                      "--enable-debug-command",
                                      "yes"};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  const auto words = pointers(command);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    // The server must not outlive a test that crashes.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == parent) ::execvp(words.front(), words.data());
    ::_exit(127);
  }
  const bool is_up = until([&] {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      return true;
    }
    const std::string answer = cli({"PING"});
    return answer == "PONG" || answer.contains("NOAUTH") || answer.contains("NOPERM");
  });
  if (is_up && process_ > 0) return {};
  return Error(ErrorCode::Unavailable,
               "redis-server did not start: " + read_file(folder_.path() / "log").value_or(""));
}

RedisServer::~RedisServer() {
  kill_it();
}

std::string RedisServer::cli(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {"redis-cli", "-s", socket()});
  auto output = run_program(arguments);
  if (!output) return std::string(output.error().message());
  if (output->ends_with('\n')) output->pop_back();
  return *output;
}

void RedisServer::kill_it() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(std::exchange(process_, -1), nullptr, 0);
}

Result<> RedisServer::restart() {
  kill_it();
  return launch();
}

void RedisServer::pause() const {
  ::kill(process_, SIGSTOP);
}

void RedisServer::go_on() const {
  ::kill(process_, SIGCONT);
}

Result<std::unique_ptr<RedisCluster>> RedisCluster::start(
    int replicas, const std::vector<std::string>& arguments) {
  auto cluster = std::make_unique<RedisCluster>();
  std::vector<std::string> options = {"--cluster-enabled",
                                      "yes",
                                      "--cluster-config-file",
                                      "nodes.conf",
                                      "--cluster-node-timeout",
                                      "1000",
                                      "--cluster-replica-validity-factor",
                                      "0",
                                      "--repl-diskless-sync-delay",
                                      "0"};
  options.insert(options.end(), arguments.begin(), arguments.end());
  std::vector<std::string> create = {"redis-cli", "--cluster", "create"};
  for (int i = 0; i < 3 * (1 + replicas); ++i) {
    PROVENDER_ASSIGN(auto server, RedisServer::start(options));
    create.push_back("127.0.0.1:" + std::to_string(server->port()));
    cluster->servers_.push_back(std::move(server));
  }
  create.insert(create.end(), {"--cluster-replicas", std::to_string(replicas), "--cluster-yes"});
  PROVENDER_TRY(run_program(create));
  const bool is_up = until([&] {
    for (const auto& server : cluster->servers_) {
      const std::string info = server->cli({"CLUSTER", "INFO"});
      if (!info.contains("cluster_state:ok") ||
          !info.contains("cluster_known_nodes:" + std::to_string(cluster->size()))) {
        return false;
      }
      const std::string role = server->cli({"INFO", "replication"});
      if (role.contains("role:slave") && !role.contains("master_link_status:up")) return false;
    }
    return true;
  });
  if (!is_up) return Error(ErrorCode::Unavailable, "the Redis Cluster did not come up");
  return cluster;
}

Result<> RedisCluster::move_slots(std::size_t from, std::size_t to, int count) {
  PROVENDER_TRY(run_program({"redis-cli",
                             "--cluster",
                             "reshard",
                             "127.0.0.1:" + std::to_string(servers_[from]->port()),
                             "--cluster-from",
                             servers_[from]->cli({"CLUSTER", "MYID"}),
                             "--cluster-to",
                             servers_[to]->cli({"CLUSTER", "MYID"}),
                             "--cluster-slots",
                             std::to_string(count),
                             "--cluster-yes"}));
  return {};
}

std::string RedisCluster::url() const {
  std::string url = "redis+cluster://";
  for (const auto& server : servers_) {
    url += (url.ends_with('/') ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(server->port());
  }
  return url;
}

}  // namespace provender::online::redis::testing
