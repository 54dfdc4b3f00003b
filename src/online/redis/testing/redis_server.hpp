#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "provender/result.hpp"

/// Real Redis servers for tests, on loopback and unix sockets, in folders of their own.
namespace provender::online::redis::testing {

/// Runs a program without a shell and returns what it wrote to stdout; an Error unless it exits
/// with 0.
Result<std::string> run_program(const std::vector<std::string>& command);

/// A port of loopback that nobody listens on right now.
int free_port();

/// A folder that goes with its object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// One redis-server process; killed with its object.
class RedisServer {
 public:
  /// Starts and waits until it answers. `arguments` are options of redis-server; of `port` 0 it
  /// listens on its socket only.
  static Result<std::unique_ptr<RedisServer>> start(std::vector<std::string> arguments = {},
                                                    int port = free_port());
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }
  std::string socket() const { return (folder_.path() / "socket").string(); }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  const std::filesystem::path& folder() const { return folder_.path(); }

  /// Runs redis-cli with these arguments; returns what it wrote without the last line's end.
  std::string cli(std::vector<std::string> arguments) const;
  void kill_it();
  /// Starts it again where it was.
  Result<> restart();
  void pause() const;
  void go_on() const;

 private:
  RedisServer() = default;
  Result<> launch();

  Folder folder_;
  std::vector<std::string> arguments_;
  int port_ = 0;
  pid_t process_ = -1;
};

/// Three masters with all slots, and `replicas` replicas of each.
class RedisCluster {
 public:
  static Result<std::unique_ptr<RedisCluster>> start(
      int replicas = 0, const std::vector<std::string>& arguments = {});
  RedisServer& server(std::size_t i) { return *servers_[i]; }
  std::size_t size() const { return servers_.size(); }
  std::string url() const;
  /// Moves slots from one server to another while both serve.
  Result<> move_slots(std::size_t from, std::size_t to, int count);

 private:
  std::vector<std::unique_ptr<RedisServer>> servers_;
};

}  // namespace provender::online::redis::testing
