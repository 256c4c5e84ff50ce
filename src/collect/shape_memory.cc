#include "collect/shape_memory.h"

#include <array>
#include <charconv>

#include "base/bytes.h"

namespace hospes::collect {
namespace {

constexpr std::array types = {
    ShapeType::text, ShapeType::number, ShapeType::boolean, ShapeType::list, ShapeType::object};
constexpr std::string_view head = "shapes 1\n";

std::optional<ShapeType> parse_type(std::string_view text) {
  for (const ShapeType type : types)
    if (text == to_string(type)) return type;
  return std::nullopt;
}

template <class Number>
bool number_in(std::string_view text, Number& out, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

std::string_view word_of(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

}  // namespace

std::string_view to_string(ShapeType type) {
  constexpr std::string_view names[] = {"text", "number", "boolean", "list", "object"};
  return names[static_cast<std::size_t>(type)];
}

ShapeMemory::Key ShapeMemory::key(
    std::string_view source, std::string_view event, std::string_view property
) const {
  std::string text;
  Writer out(text);
  out.text("shape");
  out.text(source);
  out.text(event);
  out.text(property);
  return hash128(text, secret_).hi;
}

std::optional<ShapeType> ShapeMemory::find(Key key) const {
  const auto at = words_.find(key);
  return at == words_.end() ? std::nullopt : std::optional(at->second.type);
}

void ShapeMemory::put(Key key, ShapeType type, std::int64_t day) {
  const Word word{type, static_cast<std::int32_t>(day)};
  if (const auto at = words_.find(key); at != words_.end()) {
    at->second = word;
    return;
  }
  if (words_.size() >= words_max && swept_ != day) {
    swept_ = day;
    erase_if(words_, [&](const auto& one) { return one.second.day < day; });
  }
  if (words_.size() < words_max) words_.emplace(key, word);
}

void ShapeMemory::read(std::string_view text, std::int64_t today) {
  if (!text.starts_with(head)) return;
  text.remove_prefix(head.size());
  while (!text.empty() && words_.size() < words_max) {
    const auto end = text.find('\n');
    if (end == text.npos) return;  // cut off
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    Key key = 0;
    std::int32_t day = 0;
    const bool named = number_in(word_of(line), key, 16);
    const auto type = parse_type(word_of(line));
    if (named && type && number_in(line, day, 10) && day >= today - days_max) words_[key] = {*type, day};
  }
}

std::string ShapeMemory::written() const {
  std::string out(head);
  out.reserve(head.size() + words_.size() * 32);
  for (const auto& [key, word] : words_) {
    std::array<char, 16> hex{};
    const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), key, 16).ptr;
    out.append(hex.data(), end).append(" ").append(to_string(word.type)).append(" ");
    out.append(std::to_string(word.day)).append("\n");
  }
  return out;
}

}  // namespace hospes::collect
