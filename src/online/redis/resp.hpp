#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provender/result.hpp"

struct redisReader;  // NOLINT(readability-identifier-naming): hiredis's name

/// The protocol of Redis (RESP2): requests are written by us, replies read by hiredis's reader.
namespace provender::online::redis {

/// Appends the head of an argument of `size` bytes: they follow, and then kEnd.
void append_argument_head(std::string& out, std::size_t size);
inline constexpr std::string_view kEnd = "\r\n";
/// Appends the head of a command: that `count` arguments follow.
void append_head(std::string& out, std::size_t count);
void append_argument(std::string& out, std::string_view argument);
/// Appends a number as an argument of decimal digits.
void append_argument(std::string& out, std::uint32_t number);
void append_command(std::string& out, std::initializer_list<std::string_view> arguments);

/// One reply, whole: its values in the order in which they came, an array before its elements. A
/// view, valid during the call that it is given to.
class Reply {
 public:
  enum class Kind : std::uint8_t { String, Status, Error, Integer, Nil, Array };
  struct Value {
    Kind kind;
    std::int64_t number;  ///< of Integer; of Array how many elements it has
    std::size_t begin;    ///< of String, Status, Error: where its bytes are
    std::size_t size;
  };

  Reply(std::span<const Value> values, std::string_view bytes) : values_(values), bytes_(bytes) {}

  /// Values in all; never 0.
  std::size_t size() const { return values_.size(); }
  Kind kind(std::size_t i = 0) const { return values_[i].kind; }
  std::int64_t number(std::size_t i = 0) const { return values_[i].number; }
  std::string_view text(std::size_t i = 0) const {
    return bytes_.substr(values_[i].begin, values_[i].size);
  }
  std::span<const Value> values() const { return values_; }
  /// What the values' bytes are places in.
  std::string_view bytes() const { return bytes_; }
  bool is_error() const { return kind() == Kind::Error; }
  /// Whether it is an array of `count` elements, none of them an array.
  bool is_flat_array(std::size_t count) const {
    return kind() == Kind::Array && static_cast<std::size_t>(number()) == count &&
           size() == count + 1;
  }

 private:
  std::span<const Value> values_;
  std::string_view bytes_;
};

/// Cuts a stream of bytes into replies. Confined to one thread.
class ReplyReader {
 public:
  static Result<std::unique_ptr<ReplyReader>> make();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  /// Takes bytes as they come.
  Result<> feed(std::string_view bytes);
  /// Whether there is another whole reply, which `reply` then shows. Corruption: what came is not
  /// RESP, and nothing can be read any more.
  Result<bool> next();
  Reply reply() const { return {values_, bytes_}; }

 private:
  struct Callbacks;
  ReplyReader() = default;

  redisReader* reader_ = nullptr;
  std::vector<Reply::Value> values_;
  std::string bytes_;
  bool is_whole_ = false;  ///< values_ hold a reply that was shown
};

}  // namespace provender::online::redis
