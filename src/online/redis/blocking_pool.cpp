#include "online/redis/blocking_pool.hpp"

#include <unistd.h>

#include "base/try.hpp"

namespace provender::online::redis {
namespace {

constexpr std::size_t kMostIdle = 8;

}  // namespace

Result<std::unique_ptr<BlockingClient>> BlockingClient::open(
    const std::shared_ptr<const Access>& access) {
  std::unique_ptr<BlockingClient> opened(new BlockingClient());
  PROVENDER_ASSIGN(opened->loop_, PollLoop::open());
  opened->client_ = std::make_unique<Client>(*opened->loop_, access);
  return opened;
}

void BlockingClient::start(std::unique_ptr<Call> call,
                           std::chrono::milliseconds budget,
                           Call::Done done) {
  client_->start(std::move(call), std::chrono::steady_clock::now() + budget, std::move(done));
}

void BlockingClient::turn() {
  loop_->turn(EventLoop::Time::max());
}

Result<std::unique_ptr<Call>> BlockingClient::run(std::unique_ptr<Call> call,
                                                  std::chrono::milliseconds budget) {
  std::optional<Result<std::unique_ptr<Call>>> outcome;
  start(std::move(call), budget, [&](Result<std::unique_ptr<Call>> result) {
    outcome.emplace(std::move(result));
  });
  while (!outcome) {
    turn();
  }
  return *std::move(outcome);
}

Result<BlockingPool::Handle> BlockingPool::take() {
  {
    const std::scoped_lock lock(mutex_);
    const pid_t process = ::getpid();
    if (process != process_) idle_.clear();  // connections of the parent, which goes on using them
    process_ = process;
    if (!idle_.empty()) {
      auto client = std::move(idle_.back());
      idle_.pop_back();
      return Handle(*this, std::move(client));
    }
  }
  PROVENDER_ASSIGN(auto client, BlockingClient::open(access_));
  return Handle(*this, std::move(client));
}

void BlockingPool::give_back(std::unique_ptr<BlockingClient> client) {
  const std::scoped_lock lock(mutex_);
  if (process_ == ::getpid() && idle_.size() < kMostIdle) idle_.push_back(std::move(client));
}

}  // namespace provender::online::redis
