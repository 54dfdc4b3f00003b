#pragma once

#include <utility>

#include "offline/duckdb/duckdb_api.hpp"

namespace provender::offline {

/// Owns one of DuckDB's handles.
template <class Raw, const auto& Destroy>
class Handle {
 public:
  Handle() = default;
  explicit Handle(Raw raw) : raw_(raw) {}
  Handle(Handle&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (raw_ != nullptr) Destroy(&raw_);
  }

  Raw get() const { return raw_; }
  /// For functions that make the handle. It must be empty.
  Raw* out() { return &raw_; }
  explicit operator bool() const { return raw_ != nullptr; }

 private:
  Raw raw_ = nullptr;
};

using ConfigHandle = Handle<duckdb_config, duckdb_destroy_config>;
using DatabaseHandle = Handle<duckdb_database, duckdb_close>;
using ConnectionHandle = Handle<duckdb_connection, duckdb_disconnect>;
using PreparedHandle = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using PendingHandle = Handle<duckdb_pending_result, duckdb_destroy_pending>;
using ChunkHandle = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using ValueHandle = Handle<duckdb_value, duckdb_destroy_value>;
using LogicalTypeHandle = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;

/// A query's result.
class ResultHandle {
 public:
  ResultHandle() = default;
  ResultHandle(ResultHandle&& other) noexcept : raw_(std::exchange(other.raw_, {})) {}
  ResultHandle& operator=(ResultHandle&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ResultHandle(const ResultHandle&) = delete;
  ResultHandle& operator=(const ResultHandle&) = delete;
  ~ResultHandle() {
    if (raw_.internal_data != nullptr) duckdb_destroy_result(&raw_);
  }

  duckdb_result& get() { return raw_; }

 private:
  duckdb_result raw_{};
};

}  // namespace provender::offline
