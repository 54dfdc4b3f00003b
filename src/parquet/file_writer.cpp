#include "parquet/file_writer.hpp"

#include <utility>

#include <fcntl.h>

#include "base/endian.hpp"
#include "base/try.hpp"
#include "parquet/format.hpp"

namespace provender::parquet {

Result<FileWriter> FileWriter::open(std::filesystem::path path,
                                    std::vector<Column> columns,
                                    std::string created_by) {
  PROVENDER_ASSIGN(auto file, Descriptor::open(path, O_WRONLY | O_TRUNC));
  FileWriter out(std::move(path), std::move(columns), std::move(created_by), std::move(file));
  PROVENDER_TRY(out.write(format::kMagic));
  return out;
}

Result<> FileWriter::write(std::string_view bytes) {
  size_ += static_cast<std::int64_t>(bytes.size());
  return write_all(file_, path_, bytes);
}

Result<> FileWriter::add_row_group(std::span<const WrittenChunk> chunks) {
  RowGroupEntry& group = row_groups_.emplace_back();
  for (const WrittenChunk& chunk : chunks) {
    group.rows = chunk.rows;
    group.chunks.push_back({.begin = size_,
                            .bytes = static_cast<std::int64_t>(chunk.bytes()),
                            .unpacked_bytes = chunk.unpacked_bytes,
                            .dictionary_bytes = static_cast<std::int64_t>(chunk.dictionary.size()),
                            .has_plain_values = chunk.has_plain_values,
                            .statistics = chunk.statistics});
    PROVENDER_TRY(write(chunk.dictionary));
    PROVENDER_TRY(write(chunk.pages));
  }
  return {};
}

Result<> FileWriter::finish() {
  std::string footer = format_footer(columns_, row_groups_, created_by_);
  append_le(footer, static_cast<std::uint32_t>(footer.size()));
  footer += format::kMagic;
  PROVENDER_TRY(write(footer));
  return file_.close(path_);
}

}  // namespace provender::parquet
