#include "server/access_log.hpp"

#include <cerrno>

#include <sys/stat.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "provender/types.hpp"

#include "base/fs.hpp"
#include "base/json/writer.hpp"

namespace provender::server {
namespace {

constexpr std::size_t kGather = std::size_t{32} << 10;
constexpr std::size_t kMaxPath = 256;

int open_file(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

}  // namespace

AccessLog::AccessLog(std::filesystem::path path, int file, Logger& logger)
    : path_(std::move(path)), logger_(logger), file_(file) {}

Result<std::unique_ptr<AccessLog>> AccessLog::open(std::filesystem::path path, Logger& logger) {
  const int file = path == "-" ? STDERR_FILENO : open_file(path);
  if (file < 0) return system_error("open the access log", path, errno);
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(path), file, logger));
}

AccessLog::~AccessLog() {
  if (file_ != STDERR_FILENO) ::close(file_);
}

/// Goes on in a new file where the old one was moved away.
void AccessLog::follow_path() {
  if (file_ == STDERR_FILENO) return;
  struct stat open{};
  struct stat there{};
  const bool is_same = ::fstat(file_, &open) == 0 && ::stat(path_.c_str(), &there) == 0 &&
                       open.st_ino == there.st_ino && open.st_dev == there.st_dev;
  if (is_same) return;
  const int fresh = open_file(path_);
  if (fresh < 0) return;
  ::close(file_);
  file_ = fresh;
}

void AccessLog::write(std::string_view lines) {
  const std::scoped_lock lock(mutex_);
  follow_path();
  while (!lines.empty()) {
    const ssize_t count = ::write(file_, lines.data(), lines.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      if (!std::exchange(failed_, true)) {
        logger_.log(LogLevel::Warning,
                    fmt::format("lines of the access log are lost: {}",
                                system_error("write", path_, error).message()));
      }
      return;
    }
    lines.remove_prefix(static_cast<std::size_t>(count));
  }
  failed_ = false;
}

void AccessLines::add(http::Exchange& exchange, const Visit& visit, std::chrono::nanoseconds took) {
  if (log_ == nullptr) return;
  const http::Request& request = exchange.request();
  const http::Response& response = exchange.response();
  const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  json::Writer line(lines_);
  const auto text = [&](std::string_view name, std::string_view value) {
    line.key(name);
    line.string(value);
  };
  const auto number = [&](std::string_view name, std::size_t value) {
    line.key(name);
    line.integer(static_cast<std::int64_t>(value));
  };
  line.begin_object();
  text("time", format_timestamp(now, /*always_fraction=*/true));
  text("id", visit.id);
  text("peer", exchange.peer());
  text("method", request.method);
  text("path", request.path.substr(0, kMaxPath));
  line.key("status");
  line.integer(response.status);
  number("duration_us",
         static_cast<std::size_t>(
             std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  number("request_bytes", request.body.size());
  number("reply_bytes", response.body.size());
  if (visit.token != nullptr) text("token", visit.token->name);
  if (!visit.service.empty()) text("service", visit.service);
  if (visit.rows != 0) number("rows", visit.rows);
  line.end_object();
  lines_ += '\n';
  if (lines_.size() >= kGather) flush();
}

void AccessLines::flush() {
  if (log_ == nullptr || lines_.empty()) return;
  log_->write(lines_);
  lines_.clear();
}

}  // namespace provender::server
