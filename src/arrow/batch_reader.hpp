#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "arrow/abi.hpp"

#include "provender/result.hpp"

namespace provender::arrow {

/// Reads record batches one after the other. What it hands out is checked through: no offset leaves
/// its buffer, no index its dictionary, and text is UTF-8. Confined to one thread.
class BatchReader {
 public:
  virtual ~BatchReader() = default;
  /// A struct of the columns.
  virtual const ArrowSchema& schema() const = 0;
  /// The next batch, good beyond the reader; empty at the end. InvalidArgument says what is wrong
  /// with it.
  virtual Result<Array> next() = 0;
};

/// Reads an IPC file, of the file form or the stream form: its first bytes tell. InvalidArgument:
/// it is none, damaged, cut off, or compressed. Errors as of the file system besides.
Result<std::unique_ptr<BatchReader>> read_ipc_file(const std::filesystem::path& path);

/// The same of bytes in memory, which outlive the reader.
Result<std::unique_ptr<BatchReader>> read_ipc(std::string_view bytes);

/// Reads a stream of this process, which it releases in the end. Its errors are InvalidArgument.
Result<std::unique_ptr<BatchReader>> read_stream(Stream stream);

}  // namespace provender::arrow
