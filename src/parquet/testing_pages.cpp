#include "parquet/testing_pages.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <type_traits>

#include <sys/mman.h>

#include <snappy.h>
#include <unistd.h>
#include <zstd.h>

namespace provender::parquet {
namespace {

/// As it stands in a plain page.
std::string plain(const Value& value) {
  return std::visit(
      [](const auto& stored) -> std::string {
        using T = std::decay_t<decltype(stored)>;
        if constexpr (std::is_same_v<T, std::string>) {
          return little_endian(stored.size(), 4) + stored;
        } else if constexpr (std::is_same_v<T, Bytes>) {
          return little_endian(stored.data.size(), 4) + stored.data;
        } else if constexpr (std::is_same_v<T, Timestamp>) {
          return little_endian(static_cast<std::uint64_t>(stored.time_since_epoch().count()), 8);
        } else if constexpr (std::is_arithmetic_v<T>) {
          std::string out(sizeof stored, '\0');
          std::memcpy(out.data(), &stored, sizeof stored);
          return out;
        } else {
          throw std::invalid_argument("no value of a page");
        }
      },
      value.storage);
}

bool is_bool(std::span<const Value> values) {
  return !values.empty() && std::holds_alternative<bool>(values[0].storage);
}

std::vector<std::uint32_t> bits_of(std::span<const Value> values) {
  std::vector<std::uint32_t> out;
  for (const Value& value : values) {
    out.push_back(std::get<bool>(value.storage) ? 1 : 0);
  }
  return out;
}

std::string by_dictionary(std::span<const Value> values, std::span<const Value> dictionary) {
  std::vector<std::uint32_t> places;
  for (const Value& value : values) {
    const auto found = std::ranges::find(dictionary, value);
    if (found == dictionary.end()) throw std::invalid_argument("not in the dictionary");
    places.push_back(static_cast<std::uint32_t>(found - dictionary.begin()));
  }
  const auto most = static_cast<std::uint32_t>(dictionary.empty() ? 0 : dictionary.size() - 1);
  const auto bits = static_cast<std::uint32_t>(std::bit_width(most));
  return static_cast<char>(bits) + hybrid_runs(places, bits);
}

std::string body_of(std::span<const Value> values, const PageForm& form) {
  switch (form.encoding) {
    case PageHeader::Encoding::Dictionary:
      return by_dictionary(values, form.dictionary);
    case PageHeader::Encoding::Rle: {
      const std::string runs = hybrid_runs(bits_of(values), 1);
      return little_endian(runs.size(), 4) + runs;
    }
    default:
      break;
  }
  if (is_bool(values)) {
    const std::string packed = packed_run(bits_of(values), 1);
    return packed.substr(packed.size() - (values.size() + 7) / 8);  // without what says it is a run
  }
  std::string out;
  for (const Value& value : values) {
    out += plain(value);
  }
  return out;
}

}  // namespace

std::string little_endian(std::uint64_t number, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) {
    out += static_cast<char>(number >> (8 * i));
  }
  return out;
}

std::string repeated_run(std::uint64_t count, std::uint32_t number, std::uint32_t bits) {
  return varint(count << 1) + little_endian(number, (bits + 7) / 8);
}

std::string packed_run(std::span<const std::uint32_t> numbers, std::uint32_t bits) {
  const std::size_t groups = (numbers.size() + 7) / 8;
  std::string out(groups * bits, '\0');
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    for (std::size_t bit = 0; bit < bits; ++bit) {
      const std::size_t at = i * bits + bit;
      const auto set = static_cast<char>((numbers[i] >> bit & 1) << (at % 8));
      out[at / 8] = static_cast<char>(out[at / 8] | set);
    }
  }
  return varint(groups << 1 | 1) + out;
}

std::string hybrid_runs(std::span<const std::uint32_t> numbers, std::uint32_t bits) {
  std::string out;
  std::size_t packed = 0;  // from the front, in whole groups
  while (packed < numbers.size()) {
    const auto rest = numbers.subspan(packed);
    const auto end = std::ranges::find_if(rest, [&](std::uint32_t n) { return n != rest[0]; });
    const auto same = static_cast<std::size_t>(end - rest.begin());
    const std::size_t some = same >= 8 ? same : std::min<std::size_t>(8, rest.size());
    out += same >= 8 ? repeated_run(same, rest[0], bits) : packed_run(rest.first(some), bits);
    packed += some;
  }
  return out;
}

std::string compress(std::string_view bytes, Codec codec) {
  std::string out;
  switch (codec) {
    case Codec::None:
      return std::string(bytes);
    case Codec::Snappy:
      snappy::Compress(bytes.data(), bytes.size(), &out);
      return out;
    case Codec::Zstd:
      out.resize(ZSTD_compressBound(bytes.size()));
      out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
      return out;
  }
  return out;
}

std::string TestPage::header(std::size_t packed_bytes) const {
  CompactWriter out;
  out.integer(1, kind);
  const std::size_t apart = kind == 3 ? levels.size() : 0;
  out.integer(2, unpacked_bytes.value_or(static_cast<std::int64_t>(levels.size() + body.size())));
  out.integer(3, bytes.value_or(static_cast<std::int64_t>(apart + packed_bytes)));
  out.begin_struct(kind == 0 ? 5 : kind == 2 ? 7 : kind == 3 ? 8 : 6);
  out.integer(1, values);
  if (kind == 3) {
    out.integer(2, 0);
    out.integer(3, values);
    out.integer(4, encoding);
    out.integer(5, level_bytes.value_or(static_cast<std::int64_t>(levels.size())));
    out.integer(6, repetition_bytes.value_or(0));
    if (!is_compressed) out.boolean(7, /*value=*/false);
  } else {
    out.integer(2, encoding);
    if (kind == 0) {
      out.integer(3, level_encoding);
      out.integer(4, 3);
    }
  }
  if (!statistics.empty()) {
    out.begin_struct(kind == 3 ? 8 : 5);
    out.binary(1, statistics);
    out.end();
  }
  out.end();
  return out.finish();
}

std::string TestPage::write(Codec codec) const {
  if (kind == 3) {
    const std::string packed = compress(body, is_compressed ? codec : Codec::None);
    return header(packed.size()) + levels + packed;
  }
  const std::string packed = compress(levels + body, codec);
  return header(packed.size()) + packed;
}

TestPage data_page(std::span<const Value> rows, const PageForm& form) {
  TestPage out{.kind = form.version == 2 ? 3 : 0, .values = static_cast<std::int64_t>(rows.size())};
  std::vector<std::uint32_t> levels;
  std::vector<Value> values;
  for (const Value& row : rows) {
    levels.push_back(row.is_null() ? 0 : 1);
    if (!row.is_null()) values.push_back(row);
  }
  if (form.nullable) {
    out.levels = hybrid_runs(levels, 1);
    if (form.version == 1) out.levels = little_endian(out.levels.size(), 4) + out.levels;
  }
  out.encoding = form.encoding == PageHeader::Encoding::Dictionary ? 8
                 : form.encoding == PageHeader::Encoding::Rle      ? 3
                                                                   : 0;
  out.body = body_of(values, form);
  return out;
}

TestPage dictionary_page(std::span<const Value> entries) {
  return {
      .kind = 2, .values = static_cast<std::int64_t>(entries.size()), .body = body_of(entries, {})};
}

MemoryFile::MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("pages", MFD_CLOEXEC)) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count <= 0) throw std::runtime_error("a file in memory cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

MemoryFile::~MemoryFile() {
  ::close(descriptor_);
}

std::string MemoryFile::path() const {
  return "/proc/self/fd/" + std::to_string(descriptor_);
}

void MemoryFile::truncate(std::size_t size) const {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
    throw std::runtime_error("a file in memory cannot be cut");
  }
}

}  // namespace provender::parquet
