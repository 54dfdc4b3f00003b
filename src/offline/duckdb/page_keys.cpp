#include "offline/duckdb/page_keys.hpp"

#include <algorithm>

#include "base/try.hpp"

namespace provender::offline {

using parquet::ChunkReader;

Result<> PageKeys::find(std::size_t rows) {
  is_null_.clear();
  for (auto& ids : ids_) {
    ids.resize(rows);
  }
  const bool by_place = readers_.size() == 1 && readers_[0]->has_dictionary();
  return by_place ? find_places(rows) : find_values(rows);
}

bool PageKeys::knows_any() const {
  return std::ranges::any_of(ids_, [](const std::vector<std::uint32_t>& ids) {
    return std::ranges::any_of(ids, [](std::uint32_t id) { return id != pit::kNoEntity; });
  });
}

Result<> PageKeys::find_places(std::size_t rows) {
  ChunkReader& reader = *readers_[0];
  if (!knows_dictionary_) learn_dictionary(reader.dictionary());
  PROVENDER_ASSIGN(const parquet::Places places, reader.read_places(rows));
  for (std::size_t r = 0; r < ids_.size(); ++r) {
    for (std::size_t i = 0; i < rows; ++i) {
      ids_[r][i] = dictionary_ids_[r][places[i] + 1];  // 0 where it is kNull
    }
  }
  note_nulls(places);
  return {};
}

void PageKeys::learn_dictionary(const ColumnView& dictionary) {
  static_assert(ChunkReader::kNull + 1 == 0);
  for (std::size_t r = 0; r < ids_.size(); ++r) {
    dictionary_ids_[r].resize(dictionary.size + 1);
    dictionary_ids_[r][0] = pit::kNoEntity;
    sink_.index(r).find({&dictionary, 1}, dictionary.size, dictionary_ids_[r].data() + 1);
  }
  knows_dictionary_ = true;
}

void PageKeys::note_nulls(parquet::Places places) {
  if (std::ranges::find(places, ChunkReader::kNull) == places.end()) return;
  is_null_.resize(places.size());
  std::ranges::transform(places, is_null_.begin(), [](std::uint32_t place) {
    return static_cast<std::uint8_t>(place == ChunkReader::kNull);
  });
}

Result<> PageKeys::find_values(std::size_t rows) {
  std::vector<ColumnView> keys;
  for (const auto& reader : readers_) {
    PROVENDER_ASSIGN(const ColumnView values, reader->read(rows));
    keys.push_back(values);
  }
  for (std::size_t r = 0; r < ids_.size(); ++r) {
    sink_.index(r).find(keys, rows, ids_[r].data());
  }
  note_nulls(keys, rows);
  return {};
}

void PageKeys::note_nulls(std::span<const ColumnView> keys, std::size_t rows) {
  for (const ColumnView& key : keys) {
    if (key.validity == nullptr) continue;
    is_null_.resize(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      is_null_[i] |= static_cast<std::uint8_t>(key.is_null(i));
    }
  }
}

}  // namespace provender::offline
