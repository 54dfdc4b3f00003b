#include "server/replies.hpp"

#include "wire/errors.hpp"

namespace provender::server {

using Form = wire::ReadRequest::Form;

namespace {

std::string& begin(http::Response& response, const Error& error) {
  response.status = wire::http_status(error.code());
  response.content_type = "application/json";
  response.body.clear();
  return response.body;
}

}  // namespace

void write_error(http::Response& response, const Error& error, const wire::ReadRequest& request) {
  std::string& body = begin(response, error);
  if (request.form == Form::Columns) {
    wire::write_feast_error(body, error, !request.features.service.empty());
  } else {
    wire::write_error(body, error, request.details);
  }
}

void write_error(http::Response& response, const Error& error, std::string_view request) {
  std::string& body = begin(response, error);
  if (request.contains("\"entities\"")) {
    wire::write_feast_error(body, error);
  } else {
    wire::write_error(body, error);
  }
}

void write_text(http::Response& response, int status, std::string_view text) {
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = text;
}

}  // namespace provender::server
