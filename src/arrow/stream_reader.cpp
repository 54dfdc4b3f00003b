#include "arrow/batch_reader.hpp"
#include "arrow/check_batch.hpp"
#include "arrow/owned_view.hpp"
#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::arrow {
namespace {

class StreamReader final : public BatchReader {
 public:
  explicit StreamReader(Stream stream) : stream_(std::move(stream)) {}

  Result<> open() {
    if (!stream_) return Error(ErrorCode::InvalidArgument, "it is released already");
    PROVENDER_TRY(outcome(stream_->get_schema(stream_.out(), schema_.out())));
    if (std::string_view(schema_->format) != "+s") {
      return Error(ErrorCode::InvalidArgument, "its schema is no struct of columns");
    }
    return view_.init(schema_.get());
  }

  const ArrowSchema& schema() const override { return schema_.get(); }

  Result<Array> next() override {
    Array out;
    PROVENDER_TRY(outcome(stream_->get_next(stream_.out(), out.out())));
    if (!out) return out;
    PROVENDER_TRY(view_.set(out.get()));
    PROVENDER_TRY(view_.check());
    if (ArrowArrayViewComputeNullCount(&view_.get()) != 0) {
      return Error(ErrorCode::InvalidArgument, "a row of a batch is null as a whole");
    }
    PROVENDER_TRY(check_text(schema_.get(), view_.get()));
    return out;
  }

 private:
  Result<> outcome(int failure) {
    if (failure == 0) return {};
    const char* const said = stream_->get_last_error(stream_.out());
    return Error(
        ErrorCode::InvalidArgument,
        said == nullptr ? fmt::format("the stream failed: error {}", failure) : std::string(said));
  }

  Stream stream_;
  Schema schema_;
  OwnedView view_;
};

}  // namespace

Result<std::unique_ptr<BatchReader>> read_stream(Stream stream) {
  auto out = std::make_unique<StreamReader>(std::move(stream));
  if (auto opened = out->open(); !opened) {
    return std::move(opened).error().within("the Arrow stream");
  }
  return std::unique_ptr<BatchReader>(std::move(out));
}

}  // namespace provender::arrow
