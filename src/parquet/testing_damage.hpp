#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/testing_chunk.hpp"

/// For tests only: what reading chunks that are damaged fails with.
namespace provender::parquet {

/// Without the column, which each message names.
inline std::string what_is_wrong(const Error& error) {
  const std::string message(error.message());
  EXPECT_THAT(message, ::testing::StartsWith("column 'c': "));
  return message.substr(message.find(':') + 2);
}

/// What reading all rows fails with; "" if it does not.
inline std::string chunk_failure(std::string_view pages,
                                 const TestChunkFile::Form& form,
                                 ErrorCode code = ErrorCode::InvalidArgument) {
  TestChunkFile open(pages, form);
  if (!open.is_open()) return "it does not open";
  const auto rows = read_rows(open.reader(), static_cast<std::size_t>(form.rows));
  if (rows) return "";
  EXPECT_EQ(rows.error().code(), code) << rows.error().message();
  return what_is_wrong(rows.error());
}

inline std::vector<Value> ten_numbers() {
  std::vector<Value> out;
  for (std::int64_t i = 0; i < 10; ++i) {
    out.push_back({.storage = i});
  }
  return out;
}
inline std::vector<Value> three_words() {
  return {{.storage = std::string("one")},
          {.storage = std::string("two")},
          {.storage = std::string("three")}};
}

}  // namespace provender::parquet
