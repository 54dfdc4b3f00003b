#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "provender/result.hpp"

namespace provender {

/// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  /// ::open, not inherited by programs that are run. Errors as system_error.
  static Result<Descriptor> open(const std::filesystem::path& path, int flags);
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }

  int get() const noexcept { return number_; }
  bool is_open() const noexcept { return number_ >= 0; }
  void reset() noexcept;
  /// Closes it, and says where that fails.
  Result<> close(const std::filesystem::path& path);

 private:
  int number_;
};

/// All of `bytes`, behind what was written before. `path`: for errors.
Result<> write_all(const Descriptor& file,
                   const std::filesystem::path& path,
                   std::string_view bytes);

}  // namespace provender
