#pragma once

#include <cstdint>
#include <utility>

// The structs of Arrow's C data and C stream interfaces, word for word as all who speak them define
// them, each under the same guard.
// NOLINTBEGIN(readability-identifier-naming): the names are Arrow's.
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

extern "C" {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

}  // extern "C"

#endif  // ARROW_C_DATA_INTERFACE

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

extern "C" {

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};

}  // extern "C"

#endif  // ARROW_C_STREAM_INTERFACE
// NOLINTEND(readability-identifier-naming)

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
