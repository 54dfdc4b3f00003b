#include "online/redis/resolver.hpp"

#include <condition_variable>
#include <cstring>
#include <deque>
#include <thread>

#include <netinet/in.h>
#include <sys/un.h>

#include <fmt/format.h>
#include <netdb.h>
#include <unistd.h>

namespace provender::online::redis {
namespace {

Result<std::vector<SocketAddress>> look_up(const RedisAddress& address, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  const int failure =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failure != 0) {
    return Error(
        ErrorCode::Unavailable,
        fmt::format("the name {} has no address: {}", address.host, ::gai_strerror(failure)));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress& one = addresses.emplace_back();
    std::memcpy(&one.bytes, entry->ai_addr, entry->ai_addrlen);
    one.size = entry->ai_addrlen;
  }
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace

Result<SocketAddress> numeric_address(const RedisAddress& address) {
  auto found = look_up(address, AI_NUMERICHOST);
  if (!found) return std::move(found).error();
  return found->front();
}

SocketAddress socket_address(const std::string& path) {
  SocketAddress address{};
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  std::memcpy(&address.bytes, &name, sizeof name);
  address.size = sizeof name;
  return address;
}

struct Resolver::Question {
  RedisAddress address;
  Done done;
  std::mutex mutex;           // guards loop
  EventLoop* loop = nullptr;  ///< null: nobody wants to know any more
};

Resolver::Ticket::Ticket(std::shared_ptr<Question> question) : question_(std::move(question)) {}

Resolver::Ticket::~Ticket() {
  const std::scoped_lock lock(question_->mutex);
  question_->loop = nullptr;
}

/// The thread, and the questions that wait for it.
class Resolver::Worker {
 public:
  void ask(std::shared_ptr<Question> question) {
    const std::scoped_lock lock(mutex_);
    questions_.push_back(std::move(question));
    wake_.notify_one();
  }

 private:
  void answer_all(const std::stop_token& stop);

  std::mutex mutex_;  // guards questions_
  std::condition_variable_any wake_;
  std::deque<std::shared_ptr<Question>> questions_;
  std::jthread thread_{[this](const std::stop_token& stop) { answer_all(stop); }};
};

void Resolver::Worker::answer_all(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (wake_.wait(lock, stop, [this] { return !questions_.empty(); })) {
    const auto question = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    auto answer = look_up(question->address, 0);
    {
      const std::scoped_lock asking(question->mutex);
      if (question->loop != nullptr) {
        question->loop->post([question, answer = std::move(answer)] {
          // Tickets end on this thread: what is not null here stays so during the call.
          std::unique_lock still(question->mutex);
          const bool is_wanted = question->loop != nullptr;
          still.unlock();
          if (is_wanted) question->done(answer);
        });
      }
    }
    lock.lock();
  }
}

Resolver::Resolver() = default;

Resolver::~Resolver() {
  leave_to_parent();
}

/// In a child: the thread is not here, and who waited for it would wait for ever.
void Resolver::leave_to_parent() {
  if (worker_ && process_ != ::getpid()) static_cast<void>(worker_.release());
}

std::unique_ptr<Resolver::Ticket> Resolver::resolve(const RedisAddress& address,
                                                    EventLoop& loop,
                                                    Done done) {
  auto question = std::make_shared<Question>();
  question->address = address;
  question->done = std::move(done);
  question->loop = &loop;
  const std::scoped_lock lock(mutex_);
  leave_to_parent();
  if (!worker_) {
    worker_ = std::make_unique<Worker>();
    process_ = ::getpid();
  }
  worker_->ask(question);
  return std::make_unique<Ticket>(std::move(question));
}

}  // namespace provender::online::redis
