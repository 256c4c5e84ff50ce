// The body of a question: one JSON object, one level deep. Private to portal/.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace hospes::portal {

struct Field {
  std::string name;
  bool text = false;  // a JSON string or number, as its text; else `value` is raw JSON
  std::string value;
};

/// A list of texts; invalid_input for anything else.
Result<std::vector<std::string>> read_texts(const Field& field);

/// `body` has http::body_padding readable bytes behind it. invalid_input when it is no JSON object,
/// bears a key twice, or more than 16 keys.
Result<std::vector<Field>> read_object(const std::string& body);

}  // namespace hospes::portal
