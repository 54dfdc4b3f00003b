#include "parquet/file.hpp"

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <sys/stat.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/endian.hpp"
#include "base/fs.hpp"
#include "base/try.hpp"
#include "parquet/format.hpp"

namespace provender::parquet {
namespace {

/// The length of the footer, then the magic.
constexpr std::int64_t kTail = 8;

}  // namespace

Result<File> File::open(const std::string& path, std::string name) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return system_error("open", name, errno);
  File out(std::move(name), Descriptor(descriptor));
  struct stat state{};
  if (::fstat(descriptor, &state) != 0) return system_error("look at", out.name_, errno);
  if (!S_ISREG(state.st_mode)) {
    return Error(ErrorCode::InvalidArgument, out.name_ + " is no regular file");
  }
  out.size_ = state.st_size;
  return out;
}

Result<> File::read(std::int64_t offset, std::span<char> to) const {
  while (!to.empty()) {
    const ssize_t count = ::pread(file_.get(), to.data(), to.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read", name_, errno);
    if (count == 0) return Error(ErrorCode::Conflict, name_ + " changed while it was read");
    to = to.subspan(static_cast<std::size_t>(count));
    offset += count;
  }
  return {};
}

Result<Footer> File::read_footer() const {
  const auto head = static_cast<std::int64_t>(format::kMagic.size());
  std::array<char, kTail> tail{};
  if (size_ < head + kTail) {
    return Error(ErrorCode::InvalidArgument, name_ + " is too short for a Parquet file");
  }
  PROVENDER_TRY(read(size_ - kTail, tail));
  const auto bytes = std::int64_t{load_le<std::uint32_t>(tail.data())};
  const std::string_view magic(tail.data() + 4, format::kMagic.size());
  if (magic != format::kMagic || bytes > size_ - head - kTail) {
    return Error(ErrorCode::InvalidArgument, name_ + " does not end like a Parquet file");
  }
  if (bytes > kMostFooterBytes) {
    return Error(ErrorCode::ResourceExhausted,
                 fmt::format("the footer of {} has {} bytes, more than the {} that are read",
                             name_,
                             bytes,
                             kMostFooterBytes));
  }
  std::string footer(static_cast<std::size_t>(bytes), '\0');
  PROVENDER_TRY(read(size_ - kTail - bytes, footer));
  auto out = parse_footer(footer);
  if (!out) return std::move(out).error().within(name_);
  return out;
}

}  // namespace provender::parquet
