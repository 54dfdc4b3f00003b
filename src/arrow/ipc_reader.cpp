#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include <sys/stat.h>

#include "arrow/batch_reader.hpp"
#include "arrow/check_batch.hpp"
#include "arrow/nanoarrow_error.hpp"
#include "arrow/owned_view.hpp"
#include <fcntl.h>
#include <fmt/format.h>
#include <nanoarrow/nanoarrow_ipc.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::arrow {
namespace {

constexpr std::string_view kMagic = "ARROW1";
constexpr std::uint64_t kPaddedMagic = 8;
constexpr std::uint64_t kPrefix = 8;                     ///< continuation mark and size
constexpr std::uint64_t kFooterEnd = 4 + kMagic.size();  ///< its size, and the magic again

Error bad(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

/// Input that are read by their place.
class Input {
 public:
  static Result<Input> open(const std::filesystem::path& path) {
    Input out;
    out.path_ = path;
    out.fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status{};
    if (out.fd_ < 0 || ::fstat(out.fd_, &status) != 0) return system_error("read", path, errno);
    out.size_ = static_cast<std::uint64_t>(status.st_size);
    return out;
  }
  explicit Input(std::string_view text) : text_(text), size_(text.size()) {}
  Input(Input&& other) noexcept
      : text_(other.text_),
        fd_(std::exchange(other.fd_, -1)),
        path_(std::move(other.path_)),
        size_(other.size_) {}
  Input& operator=(Input&&) = delete;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (fd_ >= 0) ::close(fd_);
  }

  std::uint64_t size() const { return size_; }

  /// Fills `into`; the range lies within the size.
  Result<> read(std::uint64_t offset, std::span<std::uint8_t> into) const {
    if (into.empty()) return {};
    if (fd_ < 0) {
      std::memcpy(into.data(), text_.data() + offset, into.size());
      return {};
    }
    while (!into.empty()) {
      const ssize_t got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error("read", path_, errno);
      if (got == 0) return bad("the file was cut off while it was read");
      into = into.subspan(static_cast<std::size_t>(got));
      offset += static_cast<std::uint64_t>(got);
    }
    return {};
  }

 private:
  Input() = default;
  std::string_view text_;
  int fd_ = -1;
  std::filesystem::path path_;
  std::uint64_t size_ = 0;
};

/// nanoarrow's decoder, with the dictionaries that it has seen.
struct Decoder {
  Decoder() { ArrowIpcDictionaryEncodingsInit(&encodings); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() {
    if (dictionaries.private_data != nullptr) ArrowIpcDictionariesReset(&dictionaries);
    ArrowIpcDictionaryEncodingsReset(&encodings);
    if (raw.private_data != nullptr) ArrowIpcDecoderReset(&raw);
  }

  ArrowIpcDecoder raw{};
  ArrowIpcDictionaryEncodings encodings{};
  ArrowIpcDictionaries dictionaries{};
};

class IpcReader final : public BatchReader {
 public:
  explicit IpcReader(Input bytes) : bytes_(std::move(bytes)), end_(bytes_.size()) {}

  Result<> open() {
    PROVENDER_TRY(checked(ArrowIpcDecoderInit(&decoder_.raw)));
    PROVENDER_TRY(read_magic());
    PROVENDER_ASSIGN(const bool found, next_message());
    if (!found || decoder_.raw.message_type != NANOARROW_IPC_MESSAGE_TYPE_SCHEMA) {
      return bad("it does not begin with a schema");
    }
    if (decoder_.raw.endianness != NANOARROW_IPC_ENDIANNESS_LITTLE) {
      return bad("its numbers are big-endian, which is not read");
    }
    ArrowError error{};
    PROVENDER_TRY(
        outcome(ArrowIpcDecoderSetEndianness(&decoder_.raw, decoder_.raw.endianness), error));
    PROVENDER_TRY(outcome(ArrowIpcDecoderDecodeSchemaWithDictionaries(
                              &decoder_.raw, schema_.out(), &decoder_.encodings, &error),
                          error));
    PROVENDER_TRY(outcome(
        ArrowIpcDictionariesInit(&decoder_.dictionaries, &decoder_.encodings, &error), error));
    PROVENDER_TRY(outcome(ArrowIpcDecoderSetSchemaWithDictionaries(
                              &decoder_.raw, &schema_.get(), &decoder_.encodings, &error),
                          error));
    return view_.init(schema_.get());
  }

  const ArrowSchema& schema() const override { return schema_.get(); }

  Result<Array> next() override {
    while (true) {
      PROVENDER_ASSIGN(const bool found, next_message());
      if (!found) return at_end();
      switch (decoder_.raw.message_type) {
        case NANOARROW_IPC_MESSAGE_TYPE_RECORD_BATCH:
          ++batches_;
          return decode_batch();
        case NANOARROW_IPC_MESSAGE_TYPE_DICTIONARY_BATCH:
          PROVENDER_TRY(decode_dictionary());
          break;
        default:
          return bad("a message in it is no record batch");
      }
    }
  }

 private:
  static Result<> outcome(ArrowErrorCode failure, const ArrowError& error) {
    if (failure == NANOARROW_OK) return {};
    return to_error(failure, error, ErrorCode::InvalidArgument);
  }

  /// In the file form the messages of the stream form lie between the magic and a footer, which
  /// says how many batches there are.
  Result<> read_magic() {
    std::array<std::uint8_t, kPaddedMagic> head{};
    if (bytes_.size() < head.size()) return bad("it is too short");
    PROVENDER_TRY(bytes_.read(0, head));
    if (std::memcmp(head.data(), kMagic.data(), kMagic.size()) != 0) return {};
    std::array<std::uint8_t, kFooterEnd> tail{};
    if (bytes_.size() < kPaddedMagic + kFooterEnd) return bad("it is cut off");
    PROVENDER_TRY(bytes_.read(bytes_.size() - tail.size(), tail));
    std::int32_t size = 0;
    std::memcpy(&size, tail.data(), sizeof size);
    if (std::memcmp(tail.data() + sizeof size, kMagic.data(), kMagic.size()) != 0 || size < 0 ||
        static_cast<std::uint64_t>(size) > bytes_.size() - kPaddedMagic - kFooterEnd) {
      return bad("it is cut off: it does not end as it begins");
    }
    at_ = kPaddedMagic;
    end_ = bytes_.size() - kFooterEnd - static_cast<std::uint64_t>(size);
    return read_footer();
  }

  Result<> read_footer() {
    std::vector<std::uint8_t> footer(bytes_.size() - end_);
    PROVENDER_TRY(bytes_.read(end_, footer));
    const ArrowBufferView view{.data = {.as_uint8 = footer.data()},
                               .size_bytes = static_cast<std::int64_t>(footer.size())};
    ArrowError error{};
    PROVENDER_TRY(outcome(ArrowIpcDecoderVerifyFooter(&decoder_.raw, view, &error), error));
    PROVENDER_TRY(outcome(ArrowIpcDecoderDecodeFooter(&decoder_.raw, view, &error), error));
    expected_batches_ =
        static_cast<std::uint64_t>(decoder_.raw.footer->record_batch_blocks.size_bytes /
                                   static_cast<std::int64_t>(sizeof(ArrowIpcFileBlock)));
    return {};
  }

  /// Reads and decodes what a message says of itself; false at the end.
  Result<bool> next_message() {
    if (at_ == end_) return false;
    if (end_ - at_ < kPrefix) return bad("it is cut off within a message");
    header_.resize(kPrefix);
    PROVENDER_TRY(bytes_.read(at_, header_));
    std::int32_t mark = 0;
    std::int32_t size = 0;
    std::memcpy(&mark, header_.data(), sizeof mark);
    std::memcpy(&size, header_.data() + sizeof mark, sizeof size);
    if (mark != -1) return bad("a message in it does not begin with the mark of one");
    if (size == 0) return false;
    at_ += kPrefix;
    if (size < 0 || static_cast<std::uint64_t>(size) > end_ - at_) {
      return bad("it is cut off within a message");
    }
    header_.resize(kPrefix + static_cast<std::size_t>(size));
    PROVENDER_TRY(bytes_.read(at_, std::span(header_).subspan(kPrefix)));
    at_ += static_cast<std::uint64_t>(size);
    return decode_header();
  }

  Result<bool> decode_header() {
    const ArrowBufferView view{.data = {.as_uint8 = header_.data()},
                               .size_bytes = static_cast<std::int64_t>(header_.size())};
    ArrowError error{};
    PROVENDER_TRY(outcome(ArrowIpcDecoderVerifyHeader(&decoder_.raw, view, &error), error));
    PROVENDER_TRY(outcome(ArrowIpcDecoderDecodeHeader(&decoder_.raw, view, &error), error));
    const std::int64_t body = decoder_.raw.body_size_bytes;
    if (body < 0 || static_cast<std::uint64_t>(body) > end_ - at_) {
      return bad("it is cut off within a batch");
    }
    if (decoder_.raw.codec != NANOARROW_IPC_COMPRESSION_TYPE_NONE) {
      return bad("its batches are compressed, which is not read: write it without compression");
    }
    PROVENDER_TRY(check_buffers(std::span(header_).subspan(kPrefix), body));
    return true;
  }

  /// The body of the message, as memory that arrays share.
  Result<> read_body(ArrowBuffer& shared) {
    ArrowBuffer body{};
    ArrowBufferInit(&body);
    const std::int64_t size = decoder_.raw.body_size_bytes;
    auto done = checked(ArrowBufferResize(&body, size, 0));
    if (done) done = bytes_.read(at_, {body.data, static_cast<std::size_t>(size)});
    if (done) done = checked(ArrowSharedBufferInit(&shared, &body));
    if (!done) ArrowBufferReset(&body);
    at_ += static_cast<std::uint64_t>(size);
    return done;
  }

  Result<Array> decode_batch() {
    ArrowBuffer body{};
    PROVENDER_TRY(read_body(body));
    Array out;
    ArrowError error{};
    const ArrowErrorCode failure =
        ArrowIpcDecoderDecodeArrayFromSharedWithDictionaries(&decoder_.raw,
                                                             &body,
                                                             -1,
                                                             &decoder_.dictionaries,
                                                             out.out(),
                                                             NANOARROW_VALIDATION_LEVEL_FULL,
                                                             &error);
    ArrowBufferReset(&body);
    PROVENDER_TRY(outcome(failure, error));
    if (!out) return bad("a batch in it cannot be decoded");
    PROVENDER_TRY(view_.set(out.get()));
    PROVENDER_TRY(check_text(schema_.get(), view_.get()));
    return out;
  }

  Result<> decode_dictionary() {
    ArrowBuffer body{};
    PROVENDER_TRY(read_body(body));
    ArrowError error{};
    const ArrowErrorCode failure = ArrowIpcDecoderDecodeDictionaryFromShared(
        &decoder_.raw, &body, NANOARROW_VALIDATION_LEVEL_FULL, &decoder_.dictionaries, &error);
    ArrowBufferReset(&body);
    return outcome(failure, error);
  }

  Result<Array> at_end() const {
    if (expected_batches_ && batches_ != *expected_batches_) {
      return bad(fmt::format(
          "its footer tells of {} batches, and there are {}", *expected_batches_, batches_));
    }
    return Array();
  }

  Input bytes_;
  std::uint64_t at_ = 0;
  std::uint64_t end_;
  std::optional<std::uint64_t> expected_batches_;
  std::uint64_t batches_ = 0;
  std::vector<std::uint8_t> header_;
  Schema schema_;
  OwnedView view_;
  Decoder decoder_;
};

Result<std::unique_ptr<BatchReader>> open(Input bytes) {
  auto out = std::make_unique<IpcReader>(std::move(bytes));
  if (auto opened = out->open(); !opened) {
    return std::move(opened).error().within("no Arrow IPC file or stream");
  }
  return std::unique_ptr<BatchReader>(std::move(out));
}

}  // namespace

Result<std::unique_ptr<BatchReader>> read_ipc_file(const std::filesystem::path& path) {
  PROVENDER_ASSIGN(Input bytes, Input::open(path));
  return open(std::move(bytes));
}

Result<std::unique_ptr<BatchReader>> read_ipc(std::string_view bytes) {
  return open(Input(bytes));
}

}  // namespace provender::arrow
