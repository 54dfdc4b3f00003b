#pragma once

#include <cstddef>

namespace provender::http::test {

/// How often the calling thread took memory by operator new. The program that links this has its
/// operators new and delete replaced.
std::size_t allocations();

}  // namespace provender::http::test
