// The Redis store beside what Redis itself gives for the same bytes, on one connection:
//   one entity × 5 views     p50 and p99 of a read, and of a bare HMGET of the same bytes
//   100 entities × 5 views   batches a second, beside as many pipelined bare HMGETs
//   writes                   rows a second, beside plain pipelined HSET of the same bytes
// Prints a line of JSON for each. Each read's bytes are checked.
//
//   redis_store_bench [tcp|unix] [ENTITIES]

#include "online/redis/redis_store.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <sys/socket.h>

#include <fmt/format.h>
#include <unistd.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "online/redis/layout.hpp"
#include "online/redis/resolver.hpp"
#include "online/redis/resp.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online::redis {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<std::uint32_t, 5> kViews = {1, 2, 3, 4, 5};
constexpr std::size_t kRowBytes =
    130;  // 10 features: header 34, bitmap 2, eight numbers, two texts
constexpr std::size_t kBatch = 100;

double seconds(Clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

std::string key_of(std::size_t number) {
  std::string key;
  const std::string text = fmt::format("user{:08}", number);
  codec::append_key_part(key, ValueView(Kind::String, text));
  return key;
}

std::string row_of(std::size_t number, std::uint32_t view) {
  std::string row;
  codec::append_order(row, {.event_timestamp = 1'778'000'000'000'000, .created_timestamp = 0});
  row += fmt::format("{}/{}", number, view);
  row.resize(kRowBytes, 'x');
  return row;
}

/// A client that only writes bytes and counts the bytes that come back.
class Bare {
 public:
  explicit Bare(const SocketAddress& address)
      : socket_(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto* name = reinterpret_cast<const sockaddr*>(&address.bytes);
    is_there_ = ::connect(socket_, name, address.size) == 0;
  }
  ~Bare() { ::close(socket_); }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  bool is_there() const { return is_there_; }

  void ask(std::string_view commands, std::size_t reply_bytes) {
    static_cast<void>(::send(socket_, commands.data(), commands.size(), MSG_NOSIGNAL));
    while (reply_bytes > 0) {
      const ssize_t count =
          ::recv(socket_, buffer_.data(), std::min(buffer_.size(), reply_bytes), 0);
      if (count <= 0) return;
      reply_bytes -= static_cast<std::size_t>(count);
    }
  }

 private:
  int socket_;
  bool is_there_ = false;
  std::array<char, 262'144> buffer_{};
};

class Bench {
 public:
  Bench(testing::RedisServer& server, bool is_unix, std::size_t entities)
      : server_(server), is_unix_(is_unix), entities_(entities) {
    for (std::size_t i = 0; i < entities_; ++i) {
      keys_.push_back(key_of(i));
    }
  }

  bool run() {
    RedisSettings settings;
    settings.url = *parse_redis_url(is_unix_ ? "unix://" + server_.socket() : server_.url());
    settings.timeout = std::chrono::seconds(10);
    auto opened = open_redis_store({.settings = settings, .project = "bench", .registry_id = "1"});
    if (!opened) return false;
    store_ = *std::move(opened);
    const auto address =
        is_unix_ ? socket_address(server_.socket())
                 : *numeric_address(
                       {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(server_.port())});
    bare_ = std::make_unique<Bare>(address);
    return bare_->is_there() && writes() && one() && batches();
  }

 private:
  std::string bare_key(std::size_t i) const { return "bench:1:" + keys_[i]; }

  bool writes() {
    std::vector<std::string> rows;
    std::vector<WriteRow> batch;
    Clock::duration ours{};
    Clock::duration plain{};
    Clock::duration script{};
    const auto layout = make_packed_layout("script:");
    server_.cli({"SCRIPT", "LOAD", std::string(layout->script())});
    constexpr std::size_t kEntities = 2'000;  // 10,000 rows, as materialize writes
    for (std::size_t begin = 0; begin + kEntities <= entities_; begin += kEntities) {
      rows.clear();
      batch.clear();
      std::string commands;
      std::size_t replies = 0;
      for (std::size_t i = begin; i < begin + kEntities; ++i) {
        for (const std::uint32_t view : kViews) {
          rows.push_back(row_of(i, view));
        }
      }
      for (std::size_t i = 0; i < rows.size(); ++i) {
        batch.push_back({.entity_set = 1,
                         .key = keys_[begin + i / kViews.size()],
                         .store_id = kViews[i % kViews.size()],
                         .row = rows[i]});
      }
      for (std::size_t i = 0; i < kEntities; ++i) {
        append_head(commands, 2 + 2 * kViews.size());
        append_argument(commands, "HSET");
        append_argument(commands, "plain:" + keys_[begin + i]);
        for (std::size_t v = 0; v < kViews.size(); ++v) {
          append_argument(commands, std::to_string(kViews[v]));
          append_argument(commands, rows[i * kViews.size() + v]);
        }
        replies += 4;  // ":5\r\n"
      }
      Call call;
      for (std::size_t i = 0; i < kEntities; ++i) {
        if (!layout->write(call, std::span(batch).subspan(i * kViews.size(), kViews.size()))) {
          return false;
        }
      }
      auto start = Clock::now();
      bare_->ask(call.bytes(), kEntities * 5);  // "$-1\r\n"
      script += Clock::now() - start;
      start = Clock::now();
      if (!store_->write(batch)) return false;
      ours += Clock::now() - start;
      start = Clock::now();
      bare_->ask(commands, replies);
      plain += Clock::now() - start;
    }
    const auto count = static_cast<double>(entities_ * kViews.size());
    fmt::print(
        "{{\"case\":\"write\",\"rows_per_s\":{:.0f},\"bare_script_rows_per_s\":{:.0f},"
        "\"plain_hset_rows_per_s\":{:.0f},\"ratio\":{:.2f}}}\n",
        count / seconds(ours),
        count / seconds(script),
        count / seconds(plain),
        seconds(plain) / seconds(ours));
    return true;
  }

  /// The HMGET of one entity, and how many bytes answer it.
  std::pair<std::string, std::size_t> hmget(std::size_t i) const {
    std::string command;
    append_head(command, 2 + kViews.size());
    append_argument(command, "HMGET");
    append_argument(command, bare_key(i));
    for (const std::uint32_t view : kViews) {
      append_argument(command, std::to_string(view));
    }
    return {command, 4 + kViews.size() * (6 + kRowBytes + 2)};  // *5\r\n, then $130\r\n…\r\n
  }

  bool read(std::span<const Lookup> lookups, std::size_t first) {
    bool is_right = false;
    store_->read(lookups, [&](Result<std::span<const std::string_view>> rows) {
      is_right = rows && rows->size() == lookups.size() * kViews.size() &&
                 rows->front() == row_of(first, 1);
    });
    return is_right;
  }

  static void print_times(std::string_view name,
                          std::vector<double>& ours,
                          std::vector<double>& bare) {
    std::ranges::sort(ours);
    std::ranges::sort(bare);
    const auto at = [](const std::vector<double>& times, double part) {
      return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
    };
    fmt::print(
        "{{\"case\":\"{}\",\"p50_us\":{:.1f},\"p99_us\":{:.1f},\"bare_p50_us\":{:.1f},\"bare_p99_"
        "us\":{:.1f},\"over_bare_us\":{:.1f}}}\n",
        name,
        at(ours, 0.5),
        at(ours, 0.99),
        at(bare, 0.5),
        at(bare, 0.99),
        at(ours, 0.5) - at(bare, 0.5));
  }

  bool one() {
    std::vector<double> ours;
    std::vector<double> bare;
    for (std::size_t step = 0; step < 40'000; ++step) {
      const std::size_t i = step * 7'919 % entities_;
      const Lookup lookup{.entity_set = 1, .key = keys_[i], .store_ids = kViews};
      auto start = Clock::now();
      if (!read(std::span(&lookup, 1), i)) return false;
      ours.push_back(seconds(Clock::now() - start) * 1e6);
      const auto [command, size] = hmget(i);
      start = Clock::now();
      bare_->ask(command, size);
      bare.push_back(seconds(Clock::now() - start) * 1e6);
    }
    print_times("1x50", ours, bare);
    return true;
  }

  bool batches() {
    std::vector<double> ours;
    std::vector<double> bare;
    for (std::size_t step = 0; step < 2'000; ++step) {
      std::vector<Lookup> lookups;
      std::string commands;
      std::size_t size = 0;
      const std::size_t first = step * 7'919 % (entities_ - kBatch);
      for (std::size_t i = first; i < first + kBatch; ++i) {
        lookups.push_back({.entity_set = 1, .key = keys_[i], .store_ids = kViews});
        const auto [command, bytes] = hmget(i);
        commands += command;
        size += bytes;
      }
      auto start = Clock::now();
      if (!read(lookups, first)) return false;
      ours.push_back(seconds(Clock::now() - start) * 1e6);
      start = Clock::now();
      bare_->ask(commands, size);
      bare.push_back(seconds(Clock::now() - start) * 1e6);
    }
    print_times("100x50", ours, bare);
    return true;
  }

  testing::RedisServer& server_;
  bool is_unix_;
  std::size_t entities_;
  std::vector<std::string> keys_;
  std::unique_ptr<OnlineStore> store_;
  std::unique_ptr<Bare> bare_;
};

}  // namespace
}  // namespace provender::online::redis

int main(int argc, char** argv) {
  using namespace provender::online::redis;  // NOLINT(google-build-using-namespace): the program
                                             // itself
  const bool is_unix = argc > 1 && std::strcmp(argv[1], "unix") == 0;
  const std::size_t entities = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20'000;
  auto server = testing::RedisServer::start();
  if (!server || entities < 2'000 || !Bench(**server, is_unix, entities).run()) {
    std::fputs("the benchmark failed\n", stderr);
    return 1;
  }
  const std::string row(kRowBytes, 'x');
  (*server)->cli({"HSET", "same:bytes", "1", row, "2", row, "3", row, "4", row, "5", row});
  for (const auto* connections : {"1", "16"}) {
    fmt::print("{}\n",
               *testing::run_program({"redis-benchmark",
                                      "-s",
                                      (*server)->socket(),
                                      "-c",
                                      connections,
                                      "-P",
                                      "100",
                                      "-n",
                                      "500000",
                                      "--csv",
                                      "HMGET",
                                      "same:bytes",
                                      "1",
                                      "2",
                                      "3",
                                      "4",
                                      "5"}));
  }
  return 0;
}
