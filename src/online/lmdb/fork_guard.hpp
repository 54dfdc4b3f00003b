#pragma once

#include <memory>

#include "provender/result.hpp"

namespace provender::online::lmdb {

/// Tells whether this process forked off the one that made the guard: an LMDB environment must not
/// be used there. A page that the kernel hands to a child as zeros costs a load a check, where
/// getpid costs a system call.
class ForkGuard {
 public:
  static Result<ForkGuard> make();

  bool is_in_child() const noexcept { return *static_cast<const volatile char*>(page_.get()) == 0; }

 private:
  struct Unmap {
    void operator()(void* page) const noexcept;
  };
  explicit ForkGuard(void* page) : page_(page) {}

  std::unique_ptr<void, Unmap> page_;
};

}  // namespace provender::online::lmdb
