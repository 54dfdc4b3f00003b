#include "arrow/ipc_writer.hpp"

#include <cerrno>
#include <new>
#include <optional>

#include "arrow/nanoarrow_error.hpp"
#include <fcntl.h>
#include <nanoarrow/nanoarrow_ipc.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::arrow {

struct IpcWriter::State {
  State() { ArrowArrayViewInitFromType(&view, NANOARROW_TYPE_UNINITIALIZED); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (writer.private_data != nullptr) ArrowIpcWriterReset(&writer);
    ArrowArrayViewReset(&view);
    if (fd >= 0) ::close(fd);
  }

  static ArrowErrorCode write_text(
      ArrowIpcOutputStream* stream, const void* bytes, int64_t size, int64_t* done, ArrowError*) {
    const auto& self = *static_cast<State*>(stream->private_data);
    try {
      self.text->append(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    } catch (const std::exception&) {
      return ENOMEM;
    }
    *done = size;
    return NANOARROW_OK;
  }

  static ArrowErrorCode write_fd(
      ArrowIpcOutputStream* stream, const void* bytes, int64_t size, int64_t* done, ArrowError*) {
    auto& self = *static_cast<State*>(stream->private_data);
    ssize_t written = 0;
    do {
      written = ::write(self.fd, bytes, static_cast<std::size_t>(size));
    } while (written < 0 && errno == EINTR);
    if (written < 0) {
      self.failed = errno;
      return EIO;
    }
    *done = written;
    return NANOARROW_OK;
  }

  /// The outcome of a call of nanoarrow's.
  Result<> outcome(ArrowErrorCode failure, const ArrowError& error) const {
    if (failure == NANOARROW_OK) return {};
    if (failed != 0) return system_error("write", path, failed);
    return to_error(failure, error, ErrorCode::InvalidArgument);
  }

  std::string* text = nullptr;
  int fd = -1;
  std::filesystem::path path;
  int failed = 0;  ///< errno of the file
  ArrowIpcWriter writer{};
  ArrowArrayView view{};
};

IpcWriter::IpcWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
IpcWriter::IpcWriter(IpcWriter&&) noexcept = default;
IpcWriter& IpcWriter::operator=(IpcWriter&&) noexcept = default;
IpcWriter::~IpcWriter() = default;

Result<IpcWriter> IpcWriter::append_to(std::string& out, const ArrowSchema& schema) {
  auto state = std::make_unique<State>();
  state->text = &out;
  return begin(std::move(state), schema);
}

Result<IpcWriter> IpcWriter::resume(std::string& out, const ArrowSchema& schema) {
  auto state = std::make_unique<State>();
  state->text = &out;
  return make(std::move(state), schema);
}

Result<IpcWriter> IpcWriter::write_file(const std::filesystem::path& path,
                                        const ArrowSchema& schema) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (state->fd < 0) return system_error("write", path, errno);
  return begin(std::move(state), schema);
}

Result<IpcWriter> IpcWriter::begin(std::unique_ptr<State> state, const ArrowSchema& schema) {
  PROVENDER_ASSIGN(IpcWriter out, make(std::move(state), schema));
  State& begun = *out.state_;
  ArrowError error{};
  if (begun.fd >= 0) {
    PROVENDER_TRY(begun.outcome(ArrowIpcWriterStartFile(&begun.writer, &error), error));
  }
  PROVENDER_TRY(begun.outcome(ArrowIpcWriterWriteSchema(&begun.writer, &schema, &error), error));
  return out;
}

Result<IpcWriter> IpcWriter::make(std::unique_ptr<State> state, const ArrowSchema& schema) {
  ArrowIpcOutputStream sink{.write = state->fd < 0 ? &State::write_text : &State::write_fd,
                            .release = [](ArrowIpcOutputStream* self) { self->release = nullptr; },
                            .private_data = state.get()};
  PROVENDER_TRY(checked(ArrowIpcWriterInit(&state->writer, &sink)));
  ArrowError error{};
  PROVENDER_TRY(state->outcome(ArrowArrayViewInitFromSchema(&state->view, &schema, &error), error));
  return IpcWriter(std::move(state));
}

Result<> IpcWriter::write(const ArrowArray& batch) {
  ArrowError error{};
  PROVENDER_TRY(state_->outcome(ArrowArrayViewSetArray(&state_->view, &batch, &error), error));
  return state_->outcome(ArrowIpcWriterWriteArrayView(&state_->writer, &state_->view, &error),
                         error);
}

Result<> IpcWriter::finish() {
  ArrowError error{};
  PROVENDER_TRY(
      state_->outcome(ArrowIpcWriterWriteArrayView(&state_->writer, nullptr, &error), error));
  if (state_->fd < 0) return {};
  return state_->outcome(ArrowIpcWriterFinalizeFile(&state_->writer, &error), error);
}

}  // namespace provender::arrow
