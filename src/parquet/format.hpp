#pragma once

#include <cstdint>
#include <string_view>

/// What a file begins and ends with, and the numbers by which it says what something is (Apache
/// Parquet, README.md and parquet.thrift).
namespace provender::parquet::format {

inline constexpr std::string_view kMagic = "PAR1";

inline constexpr std::int64_t kBoolean = 0;
inline constexpr std::int64_t kInt32 = 1;
inline constexpr std::int64_t kInt64 = 2;
inline constexpr std::int64_t kFloat = 4;
inline constexpr std::int64_t kDouble = 5;
inline constexpr std::int64_t kByteArray = 6;

inline constexpr std::int64_t kRequired = 0;
inline constexpr std::int64_t kOptional = 1;

/// What the values of a type are, in the old words, and in the new ones, each of which is a field
/// of a union.
enum class ConvertedType : std::uint8_t { Utf8 = 0, TimestampMicros = 10, Int32 = 17, Int64 = 18 };
enum class LogicalType : std::uint8_t { String = 1, Timestamp = 8, Integer = 10 };
inline constexpr std::int64_t kMicros = 2;  ///< a unit of a timestamp

inline constexpr std::int64_t kPlain = 0;
inline constexpr std::int64_t kOldDictionary = 2;
inline constexpr std::int64_t kRuns = 3;  ///< as HybridDecoder reads them
inline constexpr std::int64_t kBitPacked = 4;
inline constexpr std::int64_t kDictionary = 8;

inline constexpr std::int64_t kUncompressed = 0;
inline constexpr std::int64_t kSnappy = 1;
inline constexpr std::int64_t kZstd = 6;

inline constexpr std::int64_t kDataPage = 0;
inline constexpr std::int64_t kDictionaryPage = 2;
inline constexpr std::int64_t kDataPageV2 = 3;

}  // namespace provender::parquet::format
