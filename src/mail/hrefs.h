// The links of an HTML message, one after another.
#pragma once

#include <cstddef>
#include <string_view>

namespace hospes::mail {

/// Where the value of the next href of an <a> begins, behind its quote; npos: there is none.
std::size_t next_href(std::string_view html, std::size_t from, char& quote);

}  // namespace hospes::mail
