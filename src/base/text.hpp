#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provender {

/// The candidate that `word` most likely meant, or an empty string if none is near: edit distance
/// at most a third of the word (optimal string alignment: insert, delete, replace, swap
/// neighbours).
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// " (did you mean 'x'?)" for the nearest candidate, or "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// "a, b and c".
std::string join_words(std::span<const std::string> words);

/// Whether `text` is well-formed UTF-8.
bool is_utf8(std::string_view text) noexcept;

std::string base64_encode(std::string_view bytes);

}  // namespace provender
