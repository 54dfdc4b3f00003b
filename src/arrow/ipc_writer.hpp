#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "arrow/abi.hpp"

#include "provender/result.hpp"

namespace provender::arrow {

/// Writes record batches of one schema in Arrow's IPC form. Confined to one thread.
class IpcWriter {
 public:
  /// The stream form, appended to `out`, which outlives the writer.
  static Result<IpcWriter> append_to(std::string& out, const ArrowSchema& schema);
  /// Goes on with a stream that a writer of the same schema began: `out` ends behind its schema.
  static Result<IpcWriter> resume(std::string& out, const ArrowSchema& schema);
  /// The file form, into a file that is there or made. Errors as of the file system.
  static Result<IpcWriter> write_file(const std::filesystem::path& path, const ArrowSchema& schema);

  IpcWriter(IpcWriter&&) noexcept;
  IpcWriter& operator=(IpcWriter&&) noexcept;
  IpcWriter(const IpcWriter&) = delete;
  IpcWriter& operator=(const IpcWriter&) = delete;
  ~IpcWriter();

  /// A batch of the schema, without offsets. InvalidArgument: a type that has no IPC form.
  Result<> write(const ArrowArray& batch);
  /// Writes the end, without which the whole is truncated.
  Result<> finish();

 private:
  struct State;
  explicit IpcWriter(std::unique_ptr<State> state);
  static Result<IpcWriter> begin(std::unique_ptr<State> state, const ArrowSchema& schema);
  static Result<IpcWriter> make(std::unique_ptr<State> state, const ArrowSchema& schema);

  std::unique_ptr<State> state_;
};

}  // namespace provender::arrow
