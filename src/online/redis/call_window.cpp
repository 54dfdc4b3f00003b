#include "online/redis/call_window.hpp"

namespace provender::online::redis {
namespace {

/// One is executed while the next is encoded.
constexpr std::size_t kMostUnderWay = 2;

}  // namespace

std::unique_ptr<Call> CallWindow::take() {
  std::unique_ptr<Call> call;
  if (idle_.empty()) {
    call = std::make_unique<Call>();
  } else {
    call = std::move(idle_.back());
    idle_.pop_back();
    call->clear();
  }
  call->set_patient();
  return call;
}

void CallWindow::send(std::unique_ptr<Call> call, Answered answered) {
  wait_for(kMostUnderWay - 1);
  ++under_way_;
  client_.start(std::move(call),
                parts_.access->settings.write_timeout,
                [this, answered = std::move(answered)](Result<std::unique_ptr<Call>> done) mutable {
                  --under_way_;
                  if (done) {
                    answered(**done);
                    idle_.push_back(*std::move(done));
                  } else if (!failure_) {
                    failure_ = std::move(done).error();
                  }
                });
}

Result<> CallWindow::finish() {
  wait_for(0);
  if (failure_) return *failure_;
  return {};
}

void CallWindow::wait_for(std::size_t most_under_way) {
  while (under_way_ > most_under_way) {
    client_.turn();
  }
}

}  // namespace provender::online::redis
