#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "offline/duckdb/kernel_sinks.hpp"
#include "offline/duckdb/page_readers.hpp"
#include "parquet/chunk_reader.hpp"

namespace provender::offline {

/// Looks the keys of a row group's rows up, one batch after the other, in each role. A key that is
/// given by a dictionary is looked up once. Confined to one thread.
class PageKeys {
 public:
  using Readers = TakenReaders::Readers;

  /// `readers`: of the parts of a key. Both outlive it.
  PageKeys(const JoinSink& sink, Readers readers)
      : sink_(sink), readers_(readers), dictionary_ids_(sink.roles()), ids_(sink.roles()) {}

  /// The readers go on to another row group.
  void forget_dictionary() { knows_dictionary_ = false; }

  /// How many rows are ready, at most kRowsTogether.
  Result<std::size_t> ready() { return rows_ready(readers_, kRowsTogether); }
  /// Looks up the keys of the next rows, which are ready.
  Result<> find(std::size_t rows);

  /// Of the rows found, by role.
  std::vector<std::vector<std::uint32_t>>& entities() { return ids_; }
  bool knows_any() const;
  /// Whether a row's key is null; empty: of none.
  const std::vector<std::uint8_t>& nulls() const { return is_null_; }

 private:
  Result<> find_places(std::size_t rows);
  Result<> find_values(std::size_t rows);
  void learn_dictionary(const ColumnView& dictionary);
  void note_nulls(parquet::Places places);
  void note_nulls(std::span<const ColumnView> keys, std::size_t rows);

  const JoinSink& sink_;
  Readers readers_;
  bool knows_dictionary_ = false;
  /// By role: of no place (kNull), then by place in the dictionary.
  std::vector<std::vector<std::uint32_t>> dictionary_ids_;
  std::vector<std::vector<std::uint32_t>> ids_;  ///< by role
  std::vector<std::uint8_t> is_null_;
};

}  // namespace provender::offline
