// Answers with the console's pages: those in the binary, or the files of a folder. Nobody need be
// signed in: nothing here is anybody's data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace hospes::pages {

/// Of every page. `default-src 'none'` and Trusted Types: no inline script or style, nothing from
/// elsewhere, no string that becomes markup. The hash allows Svelte's own `display: contents`.
inline constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-hashes' "
    "'sha256-tcbDxjMo+xKqM21aCGYbs/QAJqB7yUXC06oPWDapBgc='; img-src 'self' data:; connect-src "
    "'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'";

/// Of whatever the console answers, its data included: not to be framed, sniffed, or read by
/// another site.
void add_guards(http::Headers& headers);

class Pages {
 public:
  static constexpr std::size_t file_bytes_max = 16'000'000;  // of `folder`

  /// `folder` empty: those in the binary. Else its files, read anew for each request.
  explicit Pages(std::string folder = "") : folder_(std::move(folder)) {}

  /// Nothing when the request is not for a page: not a GET, a path of the API, or a path that is no
  /// file from somebody who does not ask for HTML.
  std::optional<http::Response> answer(const http::Request& request) const;
  /// The shell, for a browser (`wants_page`) that came to nowhere; it says what is the matter.
  http::Response shell(const http::Request& request, int status) const;

 private:
  http::Response from_folder(std::string_view path, int status) const;
  http::Response file(const http::Request& request, std::string_view path, int status) const;

  const std::string folder_;
};

/// A file of the binary as it is, for whoever may have it: compressed as the request allows, with its
/// tag; 304, or 404 when there is none of that path.
http::Response embedded(const http::Request& request, std::string_view path, int status);

/// A browser that goes somewhere, rather than a program or a page's script.
bool wants_page(const http::Request& request);

}  // namespace hospes::pages
