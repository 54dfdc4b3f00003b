#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provender/result.hpp"

#include "base/descriptor.hpp"
#include "parquet/chunk_writer.hpp"
#include "parquet/footer_writer.hpp"

namespace provender::parquet {

/// Writes a Parquet file of flat columns, row group by row group. Without `finish` it is none.
/// Confined to one thread.
class FileWriter {
 public:
  /// Into a file that is there. NotFound, PermissionDenied, ResourceExhausted, Io.
  /// `created_by`: what the footer says of it: "NAME version VERSION".
  static Result<FileWriter> open(std::filesystem::path path,
                                 std::vector<Column> columns,
                                 std::string created_by);
  const std::vector<Column>& columns() const { return columns_; }
  /// `chunks`: by column, all of as many rows. ResourceExhausted: the disk is full; Io.
  Result<> add_row_group(std::span<const WrittenChunk> chunks);
  Result<> finish();

 private:
  FileWriter(std::filesystem::path path,
             std::vector<Column> columns,
             std::string created_by,
             Descriptor file)
      : path_(std::move(path)),
        columns_(std::move(columns)),
        created_by_(std::move(created_by)),
        file_(std::move(file)) {}
  Result<> write(std::string_view bytes);

  std::filesystem::path path_;
  std::vector<Column> columns_;
  std::string created_by_;
  Descriptor file_;
  std::int64_t size_ = 0;
  std::vector<RowGroupEntry> row_groups_;
};

}  // namespace provender::parquet
