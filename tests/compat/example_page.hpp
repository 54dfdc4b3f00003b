#pragma once

#include <string>
#include <string_view>

namespace provender {

/// The bytes of the example NAME in a page of docs/format: the block that begins with "```hex
/// NAME", two hexadecimal digits a byte, `#` and what follows in a line left out. Fails the test
/// where there is none.
std::string example_bytes(std::string_view page, std::string_view name);

/// The text of the first block that begins with "```text".
std::string example_text(std::string_view page);

}  // namespace provender
