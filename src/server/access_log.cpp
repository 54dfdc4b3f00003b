#include "server/access_log.hpp"

#include <cerrno>

#include <sys/stat.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/json/writer.hpp"
#include "model/timestamp.hpp"

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

namespace {

/// One line, open for its members.
class Line {
 public:
  Line(std::string& out, std::string_view id, std::string_view peer) : writer_(out) {
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    writer_.begin_object();
    writer_.key("time");
    writer_.quoted(
        [&](std::string& text) { append_timestamp(text, now, /*always_fraction=*/true); });
    text("id", id);
    text("peer", peer);
  }
  void text(std::string_view name, std::string_view value) {
    writer_.key(name);
    writer_.string(value);
  }
  void number(std::string_view name, std::size_t value) {
    writer_.key(name);
    writer_.integer(static_cast<std::int64_t>(value));
  }
  void end() { writer_.end_object(); }

 private:
  json::Writer writer_;
};

}  // namespace

void AccessLines::add(http::Exchange& exchange, const Visit& visit, std::chrono::nanoseconds took) {
  if (log_ == nullptr) return;
  const http::Request& request = exchange.request();
  const http::Response& response = exchange.response();
  Line line(lines_, visit.id, exchange.peer());
  line.text("method", request.method);
  line.text("path", request.path.substr(0, kMaxPath));
  line.number("status", static_cast<std::size_t>(response.status));
  line.number("duration_us",
              static_cast<std::size_t>(
                  std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  line.number("request_bytes", request.body.size());
  line.number("reply_bytes", response.body.size());
  if (visit.token != nullptr) line.text("token", visit.token->name);
  if (!visit.service.empty()) line.text("service", visit.service);
  if (visit.rows != 0) line.number("rows", visit.rows);
  line.end();
  end_line();
}

void AccessLines::add_refused(const http::Refusal& refusal,
                              std::string_view id,
                              const http::Response& response) {
  if (log_ == nullptr) return;
  Line line(lines_, id, refusal.peer);
  line.number("status", static_cast<std::size_t>(refusal.status));
  line.number("reply_bytes", response.body.size());
  line.text("refused", refusal.message);
  line.end();
  end_line();
}

void AccessLines::end_line() {
  lines_ += '\n';
  if (lines_.size() >= kGather) flush();
}

void AccessLines::flush() {
  if (log_ == nullptr || lines_.empty()) return;
  log_->write(lines_);
  lines_.clear();
}

}  // namespace provender::server
