// The floor under the online store in Redis: what hiredis alone gets for the same bytes. Works on
// the entities' hashes that `provender materialize` left in database 0. Prints one line of JSON.
//
//   redis_floor PORT FIELDS reads ONE BATCHES
//     A bare HMGET of one entity after another, then batches of 100 pipelined.
//   redis_floor PORT FIELDS writes
//     Reads all hashes, and writes them to database 15 by pipelined HSET.
//   redis_floor PORT FIELDS copy
//     Copies all hashes to database 15 under keys that redis-benchmark can make, floor:000000000000
//     and so on, and prints their fields.
//
// FIELDS is how many fields an entity's hash has: it tells the sets of entities apart.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hiredis/hiredis.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 100;
constexpr std::size_t kPipeline = 500;
constexpr std::string_view kScratch = "15";  // a database that nobody else uses

struct Free {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, Free>;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "redis_floor: %s\n", what);
  std::exit(1);
}

double micros(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

std::string_view text_of(const redisReply& reply) {
  return {reply.str, reply.len};
}

std::span<redisReply* const> elements_of(const redisReply& reply) {
  return {reply.element, reply.elements};
}

class Client {
 public:
  explicit Client(int port) : context_(redisConnect("127.0.0.1", port)) {
    if (!context_ || context_->err != 0) fail("no connection to Redis");
  }

  void send(std::span<const std::string_view> words) {
    data_.clear();
    sizes_.clear();
    for (const std::string_view word : words) {
      data_.push_back(word.data());
      sizes_.push_back(word.size());
    }
    redisAppendCommandArgv(
        context_.get(), static_cast<int>(words.size()), data_.data(), sizes_.data());
  }

  Reply reply() {
    void* reply = nullptr;
    if (redisGetReply(context_.get(), &reply) != REDIS_OK) fail(context_->errstr);
    Reply owned(static_cast<redisReply*>(reply));
    if (owned->type == REDIS_REPLY_ERROR) fail(owned->str);
    return owned;
  }

  Reply ask(std::initializer_list<std::string_view> words) {
    send(words);
    return reply();
  }

 private:
  std::unique_ptr<redisContext, Free> context_;
  std::vector<const char*> data_;
  std::vector<std::size_t> sizes_;
};

/// The keys of all hashes of `fields` fields, in an order that says nothing.
std::vector<std::string> keys_of(Client& client, std::size_t fields) {
  std::vector<std::string> keys;
  std::string cursor = "0";
  do {
    const Reply page = client.ask({"SCAN", cursor, "MATCH", "*:*:*", "COUNT", "1000"});
    cursor = text_of(*page->element[0]);
    const auto found = elements_of(*page->element[1]);
    for (const redisReply* key : found) {
      client.send(std::vector{std::string_view("HLEN"), text_of(*key)});
    }
    for (const redisReply* key : found) {
      const bool is_one = client.reply()->integer == static_cast<long long>(fields);
      if (is_one) keys.emplace_back(text_of(*key));
    }
  } while (cursor != "0");
  if (keys.size() < kBatch) fail("too few entities with that many fields");
  return keys;
}

std::vector<std::string> fields_of(Client& client, const std::string& key) {
  std::vector<std::string> fields;
  const Reply names = client.ask({"HKEYS", key});
  for (const redisReply* name : elements_of(*names)) {
    fields.emplace_back(text_of(*name));
  }
  std::ranges::sort(fields);
  return fields;
}

class Reads {
 public:
  Reads(Client& client, std::vector<std::string> keys)
      : client_(client), keys_(std::move(keys)), fields_(fields_of(client, keys_.front())) {}

  /// Microseconds of each of `count` reads of `batch` entities.
  std::vector<double> measure(std::size_t batch, std::size_t count) {
    std::vector<double> times;
    for (std::size_t i = 0; i < count; ++i) {
      const auto begin = Clock::now();
      for (std::size_t k = 0; k < batch; ++k) {
        send((i * batch + k) % keys_.size());
      }
      for (std::size_t k = 0; k < batch; ++k) {
        check(*client_.reply());
      }
      times.push_back(micros(Clock::now() - begin));
    }
    return times;
  }

 private:
  void send(std::size_t key) {
    words_.assign({"HMGET", keys_[key]});
    words_.insert(words_.end(), fields_.begin(), fields_.end());
    client_.send(words_);
  }

  void check(const redisReply& reply) const {
    if (reply.elements != fields_.size()) fail("a reply of another length");
    for (const redisReply* value : elements_of(reply)) {
      if (value->type != REDIS_REPLY_STRING || value->len < 34) fail("a value that is no row");
    }
  }

  Client& client_;
  std::vector<std::string> keys_;
  std::vector<std::string> fields_;
  std::vector<std::string_view> words_;
};

double percentile(std::vector<double>& times, double part) {
  std::ranges::sort(times);
  return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
}

void reads(Client& client, std::size_t fields, std::size_t ones, std::size_t batches) {
  Reads all(client, keys_of(client, fields));
  all.measure(1, ones / 10);
  auto one = all.measure(1, ones);
  all.measure(kBatch, batches / 10);
  auto batch = all.measure(kBatch, batches);
  double total = 0;
  for (const double time : batch) {
    total += time;
  }
  std::printf(
      "{\"one_p50_us\":%.1f,\"one_p99_us\":%.1f,\"batch_p50_us\":%.1f,\"batch_p99_us\":%.1f,"
      "\"keys_per_s\":%.0f}\n",
      percentile(one, 0.5),
      percentile(one, 0.99),
      percentile(batch, 0.5),
      percentile(batch, 0.99),
      static_cast<double>(kBatch * batch.size()) / total * 1e6);
}

void writes(Client& client, std::size_t fields) {
  const auto keys = keys_of(client, fields);
  std::vector<Reply> hashes;
  for (const std::string& key : keys) {
    hashes.push_back(client.ask({"HGETALL", key}));
  }
  client.ask({"SELECT", kScratch});
  client.ask({"FLUSHDB"});
  std::vector<std::string_view> words;
  const auto begin = Clock::now();
  for (std::size_t first = 0; first < keys.size(); first += kPipeline) {
    const std::size_t last = std::min(first + kPipeline, keys.size());
    for (std::size_t i = first; i < last; ++i) {
      words.assign({"HSET", keys[i]});
      for (const redisReply* word : elements_of(*hashes[i])) {
        words.push_back(text_of(*word));
      }
      client.send(words);
    }
    for (std::size_t i = first; i < last; ++i) {
      if (client.reply()->integer != static_cast<long long>(fields)) fail("not all was stored");
    }
  }
  const double seconds = micros(Clock::now() - begin) / 1e6;
  if (client.ask({"DBSIZE"})->integer != static_cast<long long>(keys.size())) fail("lost keys");
  client.ask({"FLUSHDB"});
  std::printf("{\"rows\":%zu,\"seconds\":%.3f,\"rows_per_s\":%.0f}\n",
              keys.size() * fields,
              seconds,
              static_cast<double>(keys.size() * fields) / seconds);
}

void copy(Client& client, std::size_t fields) {
  const auto keys = keys_of(client, fields);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string digits = std::to_string(i);
    names.push_back("floor:" + std::string(12 - digits.size(), '0') + digits);
  }
  for (std::size_t first = 0; first < keys.size(); first += kPipeline) {
    const std::size_t last = std::min(first + kPipeline, keys.size());
    for (std::size_t i = first; i < last; ++i) {
      client.send(
          std::vector<std::string_view>{"COPY", keys[i], names[i], "DB", kScratch, "REPLACE"});
    }
    for (std::size_t i = first; i < last; ++i) {
      if (client.reply()->integer != 1) fail("not all was copied");
    }
  }
  std::printf("{\"keys\":%zu,\"fields\":[", keys.size());
  for (const char* comma = ""; const std::string& field : fields_of(client, keys.front())) {
    std::printf("%s\"%s\"", std::exchange(comma, ","), field.c_str());
  }
  std::printf("]}\n");
}

std::size_t number(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 3 ? argv[3] : "";
  if (argc != (what == "reads" ? 6 : 4)) fail("PORT FIELDS reads ONE BATCHES | writes | copy");
  Client client(std::atoi(argv[1]));
  if (what == "reads") {
    reads(client, number(argv[2]), number(argv[4]), number(argv[5]));
  } else if (what == "writes") {
    writes(client, number(argv[2]));
  } else if (what == "copy") {
    copy(client, number(argv[2]));
  } else {
    fail("nothing to do");
  }
  return 0;
}
