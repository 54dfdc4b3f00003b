#include "arrow/export_stream.hpp"

#include <cerrno>
#include <exception>
#include <string>

#include <nanoarrow/nanoarrow.h>

namespace provender::arrow {
namespace {

/// What stands behind an exported stream. No exception leaves a function of it: who calls may be C.
struct Exported {
  std::unique_ptr<BatchReader> reader;
  std::string error;

  static Exported& of(ArrowArrayStream* stream) {
    return *static_cast<Exported*>(stream->private_data);
  }

  static int get_schema(ArrowArrayStream* self, ArrowSchema* out) {
    return ArrowSchemaDeepCopy(&of(self).reader->schema(), out);
  }

  static int get_next(ArrowArrayStream* self, ArrowArray* out) {
    *out = {};
    try {
      auto batch = of(self).reader->next();
      if (batch) {
        *out = batch->take();
        return 0;
      }
      of(self).error = batch.error().message();
      return EINVAL;
    } catch (const std::exception&) {
      return ENOMEM;
    }
  }

  static const char* get_last_error(ArrowArrayStream* self) {
    return of(self).error.empty() ? nullptr : of(self).error.c_str();
  }

  static void release(ArrowArrayStream* self) {
    delete &of(self);
    *self = {};
  }
};

}  // namespace

Stream export_stream(std::unique_ptr<BatchReader> reader) {
  Stream out;
  auto state = std::make_unique<Exported>(Exported{.reader = std::move(reader), .error = {}});
  *out.out() = {.get_schema = Exported::get_schema,
                .get_next = Exported::get_next,
                .get_last_error = Exported::get_last_error,
                .release = Exported::release,
                .private_data = state.release()};
  return out;
}

}  // namespace provender::arrow
