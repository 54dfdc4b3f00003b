#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

/// Appending to a std::string where it is done hundreds of times a request: std::string's own
/// functions are calls into the C++ library, these are compiled into the caller.
namespace provender {

/// Appends what `write(char*)` puts at that place: at most `most` bytes, up to the end that it
/// returns.
template <class Write>
void append_in_place(std::string& out, std::size_t most, Write write) {
  const std::size_t size = out.size();
  out.resize_and_overwrite(size + most, [&](char* text, std::size_t) noexcept {
    return static_cast<std::size_t>(write(text + size) - text);
  });
}

inline void append_text(std::string& out, std::string_view text) {
  append_in_place(out, text.size(), [text](char* at) noexcept {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
  });
}

}  // namespace provender
