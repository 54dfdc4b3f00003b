#include "materialize/held_lease.hpp"

#include <array>
#include <csignal>
#include <fstream>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/try.hpp"

namespace provender::materialize {
namespace {

constexpr auto kLength = std::chrono::seconds(15);
constexpr auto kRenewAfter = std::chrono::seconds(5);

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

/// Field 22 of /proc/PID/stat: when the process started, in ticks since boot; empty if there is no
/// such process.
std::string start_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  std::size_t at = text.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) {
    at = text.find(' ', at + 1);
  }
  return at == std::string::npos ? "" : text.substr(at + 1, text.find(' ', at + 1) - at - 1);
}

/// Whether `holder` was a process of this machine that no longer runs.
bool is_gone(const std::string& holder) {
  const auto start_at = holder.rfind(':');
  const auto pid_at = start_at == std::string::npos ? start_at : holder.rfind(':', start_at - 1);
  if (pid_at == std::string::npos || holder.substr(0, pid_at) != host_name()) return false;
  return start_of(holder.substr(pid_at + 1, start_at - pid_at - 1)) != holder.substr(start_at + 1);
}

}  // namespace

std::string this_holder() {
  const std::string pid = std::to_string(getpid());
  return fmt::format("{}:{}:{}", host_name(), pid, start_of(pid));
}

std::string lease_of_view(const std::string& view) {
  return "materialize:" + view;
}

Result<std::unique_ptr<HeldLease>> HeldLease::acquire(registry::RunLog& log,
                                                      const Clock& clock,
                                                      const std::string& name) {
  PROVENDER_ASSIGN(const auto held, log.current(name));
  if (held && is_gone(held->holder)) PROVENDER_TRY(log.release(*held));
  PROVENDER_ASSIGN(auto lease, log.acquire(name, this_holder(), clock.now(), kLength));
  return std::unique_ptr<HeldLease>(new HeldLease(log, clock, std::move(lease)));
}

HeldLease::HeldLease(registry::RunLog& log, const Clock& clock, registry::Lease lease)
    : log_(log),
      clock_(clock),
      lease_(std::move(lease)),
      keeper_([this](const std::stop_token& stop) { keep(stop); }) {}

HeldLease::~HeldLease() {
  keeper_.request_stop();
  keeper_.join();
  // A lease that cannot be released runs out by itself.
  [[maybe_unused]] const auto released = log_.release(lease_);
}

registry::Lease HeldLease::lease() const {
  const std::scoped_lock lock(mutex_);
  return lease_;
}

/// Renews until stopped. A registry that is away for a moment is tried again while the lease still
/// lasts.
void HeldLease::keep(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  auto renewed = std::chrono::steady_clock::now();
  while (true) {
    wake_.wait_for(lock, stop, kRenewAfter, [] { return false; });
    if (stop.stop_requested()) return;
    const registry::Lease held = lease_;
    lock.unlock();
    auto lease = log_.renew(held, clock_.now(), kLength);
    lock.lock();
    const auto now = std::chrono::steady_clock::now();
    if (lease) {
      lease_ = *std::move(lease);
      renewed = now;
    } else if (lease.error().code() == ErrorCode::Conflict || now - renewed > kLength) {
      lost_.request_stop();
      return;
    }
  }
}

}  // namespace provender::materialize
