#include "base/descriptor.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/fs.hpp"

namespace provender {

Result<Descriptor> Descriptor::open(const std::filesystem::path& path, int flags) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  } while (number < 0 && errno == EINTR);
  if (number < 0) return system_error("open", path, errno);
  return Descriptor(number);
}

void Descriptor::reset() noexcept {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

Result<> Descriptor::close(const std::filesystem::path& path) {
  if (::close(std::exchange(number_, -1)) != 0) return system_error("close", path, errno);
  return {};
}

Result<> write_all(const Descriptor& file,
                   const std::filesystem::path& path,
                   std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace provender
