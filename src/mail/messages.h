// What a house writes: messages/NAME.{fr,en}.liquid. Headers between two lines of `---`, then HTML,
// then, after a line `--- text`, the text part when one is given. messages/parts/NAME.liquid is
// rendered by
// `{% render "NAME" %}`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "liquid/template.h"
#include "mail/address.h"

namespace hospes::mail {

enum class Kind : std::uint8_t { marketing, service };

struct Rendered {
  std::string subject, html, text;  // text empty: to be made of the HTML
};
/// The message itself says that it is not for this person.
struct Aborted {
  std::string reason;
};

/// messages/parts/NAME.liquid.
struct MessagePart {
  std::string name, source;
};

/// One message in one language, compiled.
struct HouseMessage {
  std::string name;
  liquid::Language language = liquid::Language::en;
  Kind kind = Kind::marketing;
  std::optional<Mailbox> from;  // none: the destination's
  std::string reply_to;
  liquid::Template subject;
  std::optional<liquid::Template> html, text;  // at least one
  std::string source;                          // of the file
  std::vector<MessagePart> parts;              // that it renders, and those that they render; each once

  /// All that was written for it, parts included: what it says is a function of this and of what it reads.
  std::string written() const;

  /// Names that it reads from outside, sorted.
  std::vector<std::string> reads() const;
  /// `setting.escape` is set by part. invalid_input and over_limit say where.
  Result<std::variant<Rendered, Aborted>> render(
      const liquid::Object& names, liquid::Setting setting
  ) const;
};

class Messages {
 public:
  static constexpr std::size_t files_max = 1'000;

  /// Of a house's folder; none when it has no folder messages/. invalid_input: file, line, column.
  static Result<Messages> read(const std::string& house_folder);
  /// One file, named as in the folder.
  static Result<HouseMessage> parse(
      std::string_view file, std::string_view text, const liquid::Partials& folder
  );

  /// In that language, else in the first there is. nullptr: no message of that name.
  const HouseMessage* find(std::string_view name, liquid::Language language) const;
  std::vector<std::string> names() const;
  const std::vector<HouseMessage>& all() const { return all_; }

 private:
  std::vector<HouseMessage> all_;  // by name, French first
};

}  // namespace hospes::mail
