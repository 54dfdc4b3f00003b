#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provender/result.hpp"

#include "online/lmdb/environment.hpp"
#include "online/lmdb/tree_reader.hpp"
#include "online/online_store.hpp"

namespace provender::online::lmdb {

/// A read transaction that is used again and again, and the memory of its answers. Confined to one
/// thread while in use.
class Reader {
 public:
  static Result<std::unique_ptr<Reader>> make(const Environment& environment);

  /// Looks at the newest state, until pause().
  Result<> resume();
  void pause() noexcept;

  /// The rows of the lookups, in order; valid until pause().
  Result<std::span<const std::string_view>> read(std::span<const Lookup> lookups);

 private:
  Reader(const Environment& environment, Transaction transaction, Cursor cursor);
  Result<> read_by_cursor(std::span<const Lookup> lookups);
  Result<> read_one(const Lookup& lookup, std::span<std::string_view> rows);

  const Environment& environment_;
  Transaction transaction_;
  Cursor cursor_;
  std::string key_;
  std::vector<std::string_view> rows_;
  TreeReader tree_;
};

/// Keeps readers between calls. A reader that waits here looks at no state, so that it holds back
/// no page. Safe for concurrent use.
class ReaderPool {
 public:
  explicit ReaderPool(const Environment& environment) : environment_(environment) {}
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;
  ReaderPool(ReaderPool&&) = delete;
  ReaderPool& operator=(ReaderPool&&) = delete;
  ~ReaderPool();

  /// A reader that looks at the newest state; goes back into the pool with the object.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Reader> reader)
        : pool_(&pool), reader_(std::move(reader)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      if (reader_) pool_->put_back(std::move(reader_));
    }
    Reader* operator->() const noexcept { return reader_.get(); }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Reader> reader_;
  };
  Result<Lease> take();

 private:
  void put_back(std::unique_ptr<Reader> reader) noexcept;

  const Environment& environment_;
  static constexpr std::size_t kPlaces = 64;
  std::array<std::atomic<Reader*>, kPlaces> places_{};
};

}  // namespace provender::online::lmdb
