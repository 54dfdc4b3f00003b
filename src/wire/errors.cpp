#include "wire/errors.hpp"

#include "base/json/writer.hpp"

namespace provender::wire {

int http_status(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return 400;
    case ErrorCode::PermissionDenied:
      return 403;
    case ErrorCode::NotFound:
      return 404;
    case ErrorCode::AlreadyExists:
    case ErrorCode::Conflict:
    case ErrorCode::FailedPrecondition:
      return 409;
    case ErrorCode::ResourceExhausted:
    case ErrorCode::Cancelled:
    case ErrorCode::Unavailable:
      return 503;
    case ErrorCode::Unimplemented:
      return 501;
    case ErrorCode::Corruption:
    case ErrorCode::Io:
    case ErrorCode::Internal:
      return 500;
  }
  return 500;
}

namespace {

std::string_view feast_class(ErrorCode code, bool of_service) {
  switch (code) {
    case ErrorCode::NotFound:
      return of_service ? "FeatureServiceNotFoundException" : "FeatureViewNotFoundException";
    case ErrorCode::PermissionDenied:
      return "FeastPermissionError";
    default:
      return "FeastError";
  }
}

}  // namespace

void write_error(std::string& out, const Error& error, const ErrorDetails& details) {
  json::Writer writer(out);
  writer.begin_object();
  writer.key("error");
  writer.begin_object();
  writer.key("code");
  writer.string(to_string(error.code()));
  writer.key("message");
  writer.string(error.message());
  writer.key("details");
  writer.begin_object();
  if (!details.field.empty()) {
    writer.key("field");
    writer.string(details.field);
  }
  if (!details.nearest.empty()) {
    writer.key("nearest");
    writer.string(details.nearest);
  }
  writer.end_object();
  writer.end_object();
  writer.end_object();
}

void write_feast_error(std::string& out, const Error& error, bool of_service) {
  std::string inner;
  json::Writer writer(inner);
  writer.begin_object();
  writer.key("module");
  writer.string("feast.errors");
  writer.key("class");
  writer.string(feast_class(error.code(), of_service));
  writer.key("message");
  writer.string(error.message());
  writer.end_object();
  json::Writer(out).string(inner);
}

}  // namespace provender::wire
