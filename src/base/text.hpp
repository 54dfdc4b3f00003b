#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provender {

/// `text` with A to Z in lower case.
std::string to_lower(std::string_view text);

/// The candidate that `word` most likely meant, or an empty string if none is near: edit distance
/// at most a third of the word (optimal string alignment: insert, delete, replace, swap neighbours;
/// case counts nothing). Of several as near, the first.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// " (did you mean 'x'?)" for the nearest candidate, or "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// "a, b and c".
std::string join_words(std::span<const std::string> words);

/// Whether `text` is well-formed UTF-8.
bool is_utf8(std::string_view text) noexcept;

/// The length of the well-formed UTF-8 sequence at the start of `text`; 0: there is none.
std::size_t utf8_sequence(std::string_view text) noexcept;

/// Base64 of RFC 4648, with padding.
std::string base64_encode(std::string_view bytes);
/// The same behind what is in `out`.
void append_base64(std::string& out, std::string_view bytes);

/// The bytes of canonical base64, or nullopt: a foreign character, missing padding, bits left over.
std::optional<std::string> base64_decode(std::string_view text);
/// The same behind what is in `out`; false, with some bytes added, where it is none.
bool append_base64_decoded(std::string& out, std::string_view text);

/// Appends the shortest text that reads back as the same number, always with a `.` or an exponent
/// (5.0, -0.0, 1e+22); nan, inf and -inf where it is none.
void append_number(std::string& out, double number);
/// The same for the shortest text of a float32.
void append_number(std::string& out, float number);

}  // namespace provender
