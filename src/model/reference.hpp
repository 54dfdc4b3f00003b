#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "provender/result.hpp"

#include "model/definitions.hpp"

/// How a request writes which feature it wants, and in which role: `view:feature`, `view:*` or a
/// bare name, and behind it, if the view is asked for another key of the request, ` as ALIAS`
/// and ` (KEY = COLUMN, …)`, both or one of them: "user:country as seller (user_id = seller_id)".
namespace provender {

/// Takes a reference apart, as an item of a feature service would have it: what stands before the
/// role is the one of its `features`. InvalidArgument says what is wrong with the role; names are
/// not looked up.
Result<ServiceItem> parse_reference(std::string_view text);

/// Splits "a,b:c as d (k = x, l = y),e" at the commas that are not in parentheses; without the
/// blanks around the parts.
std::vector<std::string> split_references(std::string_view text);

/// A role as a reference has it: " as seller (user_id = seller_id)"; empty where there is none.
std::string role_text(std::string_view alias, const std::map<std::string, std::string>& keys);

}  // namespace provender
