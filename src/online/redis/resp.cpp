#include "online/redis/resp.hpp"

#include <array>
#include <charconv>
#include <cstddef>

#include <hiredis/read.h>

namespace provender::online::redis {
namespace {

/// A mark, a number and the end of a line: appended in one piece, as all of this is many times a
/// read.
void append_length(std::string& out, char mark, std::size_t length) {
  std::array<char, 24> line;  // NOLINT(cppcoreguidelines-pro-type-member-init): a part is used
  line[0] = mark;
  char* end = std::to_chars(line.data() + 1, line.data() + line.size() - 2, length).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(line.data(), end);
}

}  // namespace

void append_head(std::string& out, std::size_t count) {
  append_length(out, '*', count);
}

void append_argument_head(std::string& out, std::size_t size) {
  append_length(out, '$', size);
}

void append_argument(std::string& out, std::string_view argument) {
  append_argument_head(out, argument.size());
  out += argument;
  out += kEnd;
}

void append_argument(std::string& out, std::uint32_t number) {
  std::array<char, 20> text;  // NOLINT(cppcoreguidelines-pro-type-member-init): a part is used
  constexpr std::size_t kHead = 5;  // "$1\r\n", or "$10\r\n"
  char* end = std::to_chars(text.data() + kHead, text.data() + text.size() - 2, number).ptr;
  char* begin = text.data() + kHead;
  auto size = static_cast<unsigned>(end - begin);
  *--begin = '\n';
  *--begin = '\r';
  *--begin = static_cast<char>('0' + size % 10);
  if (size >= 10) *--begin = '1';
  *--begin = '$';
  *end++ = '\r';
  *end++ = '\n';
  out.append(begin, end);
}

void append_command(std::string& out, std::initializer_list<std::string_view> arguments) {
  append_head(out, arguments.size());
  for (const std::string_view argument : arguments) {
    append_argument(out, argument);
  }
}

/// What hiredis calls as it reads. It wants an object for each value; ours are places in a vector,
/// so it gets the reader itself, which is not null. Nothing may be thrown through it: it is C.
struct ReplyReader::Callbacks {
  static ReplyReader* add(const redisReadTask* task,
                          Reply::Kind kind,
                          std::int64_t number,
                          std::string_view text) noexcept {
    auto* self = static_cast<ReplyReader*>(task->privdata);
    try {
      if (std::exchange(self->is_whole_, false)) {
        self->values_.clear();
        self->bytes_.clear();
      }
      self->values_.push_back(
          {.kind = kind, .number = number, .begin = self->bytes_.size(), .size = text.size()});
      self->bytes_ += text;
      return self;
    } catch (...) {
      return nullptr;  // hiredis reports that memory ran out
    }
  }
  static void* string(const redisReadTask* task, char* text, std::size_t size) {
    const auto kind = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::Error
                      : task->type == REDIS_REPLY_STATUS ? Reply::Kind::Status
                                                         : Reply::Kind::String;
    return add(task, kind, 0, {text, size});
  }
  static void* array(const redisReadTask* task, int size) {
    return add(task, Reply::Kind::Array, size, {});
  }
  static void* integer(const redisReadTask* task, long long value) {
    return add(task, Reply::Kind::Integer, value, {});
  }
  static void* nil(const redisReadTask* task) { return add(task, Reply::Kind::Nil, 0, {}); }
  static void free_object(void* /*object*/) {}

  static redisReplyObjectFunctions* table() {
    // hiredis asks for a pointer that it could write through, and never does.
    static constinit redisReplyObjectFunctions functions{.createString = string,
                                                         .createArray = array,
                                                         .createInteger = integer,
                                                         .createNil = nil,
                                                         .freeObject = free_object};
    return &functions;
  }
};

Result<std::unique_ptr<ReplyReader>> ReplyReader::make() {
  std::unique_ptr<ReplyReader> made(new ReplyReader());
  made->reader_ = redisReaderCreateWithFunctions(Callbacks::table());
  if (made->reader_ == nullptr) {
    return Error(ErrorCode::ResourceExhausted, "out of memory for a reader of Redis's replies");
  }
  made->reader_->privdata = made.get();
  return made;
}

ReplyReader::~ReplyReader() {
  if (reader_ != nullptr) redisReaderFree(reader_);
}

Result<> ReplyReader::feed(std::string_view bytes) {
  if (redisReaderFeed(reader_, bytes.data(), bytes.size()) == REDIS_OK) return {};
  return Error(ErrorCode::Corruption, std::string("read a reply of Redis: ") + reader_->errstr);
}

Result<bool> ReplyReader::next() {
  void* object = nullptr;
  if (redisReaderGetReply(reader_, &object) != REDIS_OK) {
    return Error(ErrorCode::Corruption, std::string("read a reply of Redis: ") + reader_->errstr);
  }
  if (object == nullptr) return false;
  is_whole_ = true;
  return true;
}

}  // namespace provender::online::redis
