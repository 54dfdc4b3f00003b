#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codec/row_codec.hpp"
#include "offline/offline_store.hpp"
#include "registry/snapshot.hpp"

namespace provender::materialize {

/// Walks the latest rows of one view in key order, each encoded for the online store. Confined to
/// one thread.
class ViewCursor {
 public:
  struct Input {
    const Definitions& definitions;
    const FeatureView& view;
    const registry::Generation& generation;
    const RowSchema& schema;  ///< the generation's
    std::unique_ptr<offline::LatestReader> reader;
  };
  static Result<std::unique_ptr<ViewCursor>> open(Input input);

  /// Goes to the next entity; false at the end. The first call goes to the first.
  Result<bool> next();

  /// The current entity's key and row, as codec/ encodes them. Valid until next().
  std::string_view key() const { return slice(keys_, key_ends_); }
  std::string_view row() const { return slice(rows_, row_ends_); }

  std::uint32_t store_id() const { return store_id_; }
  std::uint32_t entity_set() const { return entity_set_; }
  std::uint64_t rows_read() const { return rows_read_; }
  std::uint64_t rows_skipped() const { return reader_->skipped_rows(); }
  /// The newest event timestamp so far; nullopt before the first row.
  std::optional<Timestamp> watermark() const { return watermark_; }

 private:
  ViewCursor(Input input, std::vector<std::size_t> field_columns);
  Result<> encode(const BatchView& batch);
  Result<> encode_row(const BatchView& batch, std::span<const ColumnView> fields, std::size_t row);
  std::string_view slice(const std::string& bytes, const std::vector<std::size_t>& ends) const {
    const std::size_t begin = at_ == 0 ? 0 : ends[at_ - 1];
    return std::string_view(bytes).substr(begin, ends[at_] - begin);
  }

  std::unique_ptr<offline::LatestReader> reader_;
  std::string origin_;  ///< for messages: the view and its source
  codec::RowEncoder encoder_;
  std::size_t key_parts_;
  std::vector<std::size_t> field_columns_;  ///< per field of the schema: its column in a batch
  std::uint32_t store_id_;
  std::uint32_t entity_set_;

  std::string keys_;  ///< of the current batch, one behind the other
  std::string rows_;
  std::vector<std::size_t> key_ends_;
  std::vector<std::size_t> row_ends_;
  std::size_t at_ = 0;
  std::uint64_t rows_read_ = 0;
  std::optional<Timestamp> watermark_;
};

}  // namespace provender::materialize
