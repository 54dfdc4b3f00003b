#include "server/replies.hpp"

#include "wire/errors.hpp"

namespace provender::server {

using Form = wire::ReadRequest::Form;

void write_error(http::Response& response, const Error& error, Form form, bool of_service) {
  response.status = wire::http_status(error.code());
  response.content_type = "application/json";
  response.body.clear();
  if (form == Form::Columns) {
    wire::write_feast_error(response.body, error, of_service);
  } else {
    wire::write_error(response.body, error);
  }
}

void write_error(http::Response& response, const Error& error, std::string_view body) {
  write_error(response, error, body.contains("\"entities\"") ? Form::Columns : Form::Single);
}

void write_text(http::Response& response, int status, std::string_view text) {
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = text;
}

}  // namespace provender::server
