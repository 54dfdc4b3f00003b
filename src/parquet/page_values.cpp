#include "parquet/page_values.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "base/try.hpp"
#include "parquet/damaged.hpp"
#include "parquet/prefixed.hpp"

namespace provender::parquet {
namespace {

constexpr std::string_view kNoText = "a text is not UTF-8";
constexpr std::string_view kShortDictionary = "its dictionary ends early";
constexpr std::string_view kShort = "a page ends early";

/// Of what is no text, in bytes.
std::size_t width_of(Physical physical) {
  switch (physical) {
    case Physical::Bool:
      return 1;
    case Physical::Int32:
    case Physical::Float:
      return 4;
    default:
      return 8;
  }
}

}  // namespace

Result<> Dictionary::read(const Column& column, std::string_view bytes, std::size_t count) {
  entries_ = {.type = column.type, .size = count, .data = bytes.data()};
  if (column.physical == Physical::Bytes) {
    if (count > bytes.size() / 4) return damaged(kShortDictionary);
    texts_.clear();
    if (texts_.capacity() < count) texts_ = {};  // before there are others
    texts_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto text = take_prefixed(bytes);
      if (!text) return damaged(kShortDictionary);
      if (column.type.kind == Kind::String && !is_utf8(*text)) return damaged(kNoText);
      texts_.push_back(*text);
    }
    entries_.data = texts_.data();
  } else {
    texts_ = {};  // their memory may be the page's
    if (count > bytes.size() / width_of(column.physical)) return damaged(kShortDictionary);
  }
  is_there_ = true;
  return {};
}

Result<> PageValues::begin(const Column& column,
                           PageHeader::Encoding encoding,
                           std::string_view bytes,
                           std::size_t count,
                           const Dictionary& dictionary) {
  physical_ = column.physical;
  is_text_ = column.type.kind == Kind::String;
  dictionary_ = &dictionary;
  if (encoding == PageHeader::Encoding::Dictionary) return begin_places(bytes, count);
  const bool is_bool = physical_ == Physical::Bool;
  if (is_bool && encoding == PageHeader::Encoding::Rle) {
    form_ = Form::BoolRuns;
    const bool is_empty = bytes.empty() && count == 0;
    const auto runs = is_empty ? bytes : take_prefixed(bytes);
    if (!runs) return damaged(kShort);
    runs_ = HybridDecoder(*runs, 1);
    return {};
  }
  if (encoding != PageHeader::Encoding::Plain) {
    return damaged("a page has an encoding that the footer does not tell of");
  }
  form_ = Form::Plain;
  plain_ = bytes;
  next_bit_ = 0;
  if (physical_ == Physical::Bytes) return {};  // each says its length
  const bool fits =
      is_bool ? count <= bytes.size() * 8 : count <= bytes.size() / width_of(physical_);
  if (!fits) return damaged(kShort);
  return {};
}

Result<> PageValues::begin_places(std::string_view bytes, std::size_t count) {
  form_ = Form::Dictionary;
  if (!dictionary_->is_there() && count > 0) return damaged("it has no dictionary");
  if (bytes.empty() && count > 0) return damaged(kShort);
  const std::uint32_t bits = bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes[0]);
  if (bits > 32) return damaged("a page has places of more than 32 bits");
  runs_ = HybridDecoder(bytes.substr(bytes.empty() ? 0 : 1), bits);
  return {};
}

void PageValues::make_room(std::size_t rows) {
  if (physical_ == Physical::Bytes) {
    texts_.resize(std::max(texts_.size(), rows));
  } else {
    words_.resize(std::max(words_.size(), rows));
  }
  numbers_.resize(std::max(numbers_.size(), rows));
}

const void* PageValues::data() const {
  if (physical_ == Physical::Bytes) return texts_.data();
  return words_.data();
}

void PageValues::move(std::size_t to, std::size_t from) {
  if (physical_ == Physical::Bytes) {
    texts_[to] = texts_[from];
    return;
  }
  const std::size_t width = width_of(physical_);
  std::memmove(cells() + to * width, cells() + from * width, width);
}

void PageValues::clear(std::size_t at) {
  if (physical_ == Physical::Bytes) {
    texts_[at] = {};
    return;
  }
  const std::size_t width = width_of(physical_);
  std::memset(cells() + at * width, 0, width);
}

Result<> PageValues::take(std::size_t count, Places some) {
  if (form_ != Form::Plain) {
    PROVENDER_TRY(form_ == Form::Dictionary ? take_places(count, some) : take_numbers(count, some));
    look_up(some.size());
    return {};
  }
  switch (physical_) {
    case Physical::Bytes:
      return take_texts(count, some);
    case Physical::Bool:
      take_bits(count, some);
      return {};
    case Physical::Int32:
    case Physical::Float:
      take_plain<4>(count, some);
      return {};
    case Physical::Int64:
    case Physical::Double:
      take_plain<8>(count, some);
      return {};
  }
  return {};
}

Result<> PageValues::take_numbers(std::size_t count, Places some) {
  const bool is_there = some.size() == count ? runs_.read(count, numbers_.data())
                                             : runs_.read(count, some, numbers_.data());
  if (!is_there) return damaged(kShort);
  return {};
}

Result<> PageValues::take_places(std::size_t count, Places some) {
  PROVENDER_TRY(take_numbers(count, some));
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < some.size(); ++i) {
    most = std::max(most, numbers_[i]);
  }
  if (some.empty() || most < dictionary_->entries().size) return {};
  return damaged("a page has a place behind its dictionary");
}

template <std::size_t Width>
void PageValues::take_plain(std::size_t count, Places some) {
  char* const to = cells();
  const char* const from = plain_.data();
  if (some.size() == count) {
    plain_.copy(to, count * Width);
  } else {
    for (std::size_t i = 0; i < some.size(); ++i) {
      std::memcpy(to + i * Width, from + some[i] * Width, Width);
    }
  }
  plain_.remove_prefix(count * Width);
}

Result<> PageValues::take_texts(std::size_t count, Places some) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto text = take_prefixed(plain_);
    if (!text) return damaged(kShort);
    if (taken == some.size() || some[taken] != i) continue;
    if (is_text_ && !is_utf8(*text)) return damaged(kNoText);
    texts_[taken++] = *text;
  }
  return {};
}

void PageValues::take_bits(std::size_t count, Places some) {
  char* const to = cells();
  for (std::size_t i = 0; i < some.size(); ++i) {
    const std::size_t bit = next_bit_ + some[i];
    to[i] = static_cast<char>((static_cast<std::uint8_t>(plain_[bit / 8]) >> (bit % 8)) & 1);
  }
  next_bit_ += count;
}

template <std::size_t Width>
void PageValues::look_up(std::size_t count) {
  const char* const entries = static_cast<const char*>(dictionary_->entries().data);
  char* const to = cells();
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(to + i * Width, entries + std::size_t{numbers_[i]} * Width, Width);
  }
}

/// Values of the numbers at the front: bools, or places.
void PageValues::look_up(std::size_t count) {
  switch (physical_) {
    case Physical::Bool:
      std::transform(numbers_.begin(),
                     numbers_.begin() + static_cast<std::ptrdiff_t>(count),
                     cells(),
                     [](std::uint32_t bit) { return static_cast<char>(bit); });
      break;
    case Physical::Bytes:
      for (std::size_t i = 0; i < count; ++i) {
        texts_[i] = dictionary_->entries().at<std::string_view>(numbers_[i]);
      }
      break;
    case Physical::Int32:
    case Physical::Float:
      return look_up<4>(count);
    case Physical::Int64:
    case Physical::Double:
      return look_up<8>(count);
  }
}

}  // namespace provender::parquet
