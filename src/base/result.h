// How failure of the outside world travels: six codes, a sentence that says what to change, the place it was said.
// A refusal is not an error (it is an answer), a bug is not one either (see check.h). We do not throw.
#pragma once

#include <expected>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace hospes {

enum class Code : unsigned char {
  invalid_input,  // the caller can mend it
  not_found,
  conflict,     // true elsewhere, or already done
  over_limit,   // a named bound was reached; try later or smaller
  unavailable,  // disk, peer or room not ready; try later
  corrupt,      // stored bytes do not say what they must
};

std::string_view to_string(Code code);

struct Error {
  Code code = Code::unavailable;
  std::string message;
  std::source_location where = std::source_location::current();
};

/// `std::expected` that the compiler does not let one ignore (GCC 12 lacks that).
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(
    Code code, std::string message, std::source_location where = std::source_location::current()) {
  return std::unexpected<Error>(Error{code, std::move(message), where});
}

}  // namespace hospes

/// Value of a Result, or return its error from the enclosing function. Not for coroutines.
#define TRY(expression)                                                          \
  ({                                                                             \
    auto try_result_ = (expression);                                             \
    if (!try_result_) return std::unexpected(std::move(try_result_).error());    \
    std::move(try_result_).value();                                              \
  })
