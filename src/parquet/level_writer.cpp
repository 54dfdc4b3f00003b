#include "parquet/level_writer.hpp"

#include "base/endian.hpp"
#include "parquet/bit_packing.hpp"

namespace provender::parquet {

void LevelWriter::clear() {
  valid_.clear();
  rows_ = 0;
  nulls_ = 0;
}

void LevelWriter::add(bool is_valid) {
  if (rows_ % 64 == 0) valid_.push_back(0);
  valid_.back() |= std::uint64_t{is_valid} << (rows_ % 64);
  ++rows_;
  if (!is_valid) ++nulls_;
}

void LevelWriter::add(const ColumnView& rows) {
  for (std::size_t i = 0; i < rows.size; ++i) {
    if (rows.validity == nullptr && rows_ % 64 == 0 && rows.size - i >= 64) {
      valid_.push_back(~std::uint64_t{0});
      rows_ += 64;
      i += 63;
    } else {
      add(!rows.is_null(i));
    }
  }
}

void LevelWriter::write(std::string& out) const {
  const std::size_t begin = out.size();
  append_le(out, std::uint32_t{0});  // the length, once it is known
  if (nulls_ == 0 || nulls_ == rows_) {
    append_repeated(out, rows_, nulls_ == 0 ? 1 : 0);
  } else {
    append_packed(out, rows_, valid_);
  }
  store_le(out.data() + begin,
           static_cast<std::uint32_t>(out.size() - begin - sizeof(std::uint32_t)));
}

}  // namespace provender::parquet
