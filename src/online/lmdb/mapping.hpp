#pragma once

namespace provender::online::lmdb {

/// Where in memory the file begins of which a part is mapped at `address`, as the system says;
/// nullptr where it does not say.
const char* mapped_file(const void* address) noexcept;

}  // namespace provender::online::lmdb
