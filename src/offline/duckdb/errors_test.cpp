#include "offline/duckdb/errors.hpp"

#include <gtest/gtest.h>

namespace provender::offline {
namespace {

TEST(DuckdbErrors, OfMemorySayWhichLimitToRaise) {
  const Error error =
      to_error(DUCKDB_ERROR_OUT_OF_MEMORY,
               "Out of Memory Error: failed to allocate data of size 64.0 MiB (23.5 MiB/71.5 MiB "
               "used)\n\nPossible solutions:\n* Reducing the number of threads (SET threads=X)");
  EXPECT_EQ(error.code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(error.message(),
            "out of memory: failed to allocate data of size 64.0 MiB (23.5 MiB/71.5 MiB used); "
            "raise offline.memory_limit");
  EXPECT_EQ(to_error(DUCKDB_ERROR_OUT_OF_MEMORY,
                     "Out of Memory Error: failed to offload data block of size 256.0 KiB (1.0 "
                     "GiB/1.0 GiB used).\nThis limit was set by the 'max_temp_directory_size' "
                     "setting.\nBy default, this setting utilizes the available disk space")
                .message(),
            "the disk is full: failed to offload data block of size 256.0 KiB (1.0 GiB/1.0 GiB "
            "used).");
}

}  // namespace
}  // namespace provender::offline
