#pragma once

#include <utility>

#include "provender/arrow.hpp"

namespace provender::arrow {

/// Owns one of the structs: released when it goes, unless somebody took it.
template <class Raw>
class Owned {
 public:
  Owned() = default;
  /// Takes over what `raw` holds; `raw` is released then, as the interface has it.
  explicit Owned(Raw& raw) : raw_(raw) { raw.release = nullptr; }
  Owned(Owned&& other) noexcept : raw_(std::exchange(other.raw_, {})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (raw_.release != nullptr) raw_.release(&raw_);
  }

  const Raw& get() const { return raw_; }
  Raw& get() { return raw_; }
  Raw* operator->() { return &raw_; }
  const Raw* operator->() const { return &raw_; }
  /// For functions that fill it in. It must be empty.
  Raw* out() { return &raw_; }
  /// Gives it to the caller, who releases it.
  Raw take() { return std::exchange(raw_, {}); }
  explicit operator bool() const { return raw_.release != nullptr; }

 private:
  Raw raw_{};
};

using Schema = Owned<ArrowSchema>;
using Array = Owned<ArrowArray>;
using Stream = Owned<ArrowArrayStream>;

}  // namespace provender::arrow
