#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "registry/run_log.hpp"

namespace provender::materialize {

/// This process as a lease holder: "host:pid:start", where start tells two processes of one pid
/// apart.
std::string this_holder();

/// The lease under which a view is materialized.
std::string lease_of_view(const std::string& view);

/// A lease that is renewed in the background while this object lives, and released at its end.
class HeldLease {
 public:
  /// Conflict names who holds it. A holder that was a process of this machine and is gone does not
  /// count.
  static Result<std::unique_ptr<HeldLease>> acquire(registry::RunLog& log,
                                                    const Clock& clock,
                                                    const std::string& name);
  ~HeldLease();
  HeldLease(const HeldLease&) = delete;
  HeldLease& operator=(const HeldLease&) = delete;

  /// As it was last renewed.
  registry::Lease lease() const;
  /// Stop is requested when the lease could not be kept.
  std::stop_token lost() const { return lost_.get_token(); }

 private:
  HeldLease(registry::RunLog& log, const Clock& clock, registry::Lease lease);
  void keep(const std::stop_token& stop);

  registry::RunLog& log_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  registry::Lease lease_;
  std::stop_source lost_;
  std::jthread keeper_;
};

}  // namespace provender::materialize
