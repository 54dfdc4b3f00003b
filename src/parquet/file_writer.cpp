#include "parquet/file_writer.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/endian.hpp"
#include "base/fs.hpp"
#include "base/try.hpp"
#include "parquet/format.hpp"

namespace provender::parquet {

Result<FileWriter> FileWriter::open(std::filesystem::path path,
                                    std::vector<Column> columns,
                                    std::string created_by) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (descriptor < 0) return system_error("open", path, errno);
  FileWriter out(std::move(path), std::move(columns), std::move(created_by), descriptor);
  PROVENDER_TRY(out.write(format::kMagic));
  return out;
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      columns_(std::move(other.columns_)),
      created_by_(std::move(other.created_by_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      row_groups_(std::move(other.row_groups_)) {}

FileWriter& FileWriter::operator=(FileWriter&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(columns_, other.columns_);
  std::swap(created_by_, other.created_by_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  std::swap(row_groups_, other.row_groups_);
  return *this;
}

FileWriter::~FileWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<> FileWriter::write(std::string_view bytes) {
  size_ += static_cast<std::int64_t>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("write", path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<> FileWriter::add_row_group(std::span<const WrittenChunk> chunks) {
  RowGroupEntry& group = row_groups_.emplace_back();
  for (const WrittenChunk& chunk : chunks) {
    group.rows = chunk.rows;
    group.chunks.push_back({.begin = size_,
                            .bytes = static_cast<std::int64_t>(chunk.pages.size()),
                            .unpacked_bytes = chunk.unpacked_bytes,
                            .dictionary_bytes = chunk.dictionary_bytes,
                            .has_plain_values = chunk.has_plain_values,
                            .statistics = chunk.statistics});
    PROVENDER_TRY(write(chunk.pages));
  }
  return {};
}

Result<> FileWriter::finish() {
  const std::string footer = format_footer(columns_, row_groups_, created_by_);
  std::array<char, 4> length{};
  store_le(length.data(), static_cast<std::uint32_t>(footer.size()));
  PROVENDER_TRY(write(footer));
  PROVENDER_TRY(write({length.data(), length.size()}));
  PROVENDER_TRY(write(format::kMagic));
  if (::close(std::exchange(descriptor_, -1)) != 0) return system_error("close", path_, errno);
  return {};
}

}  // namespace provender::parquet
