#include "pages/pages.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "http/inflate.h"
#include "pages/asset.h"

namespace hospes::pages {
namespace {

constexpr std::string_view shell_path = "/index.html";

/// Paths that are never a page's, whoever asks.
bool is_api(std::string_view path) {
  constexpr std::array<std::string_view, 3> folders = {"/v1/", "/start/", "/approve/"};
  constexpr std::array<std::string_view, 3> names = {"/metrics", "/healthz", "/readyz"};
  return std::ranges::any_of(folders, [&](auto one) { return path.starts_with(one); }) ||
         std::ranges::find(names, path) != names.end();
}

bool is_file(std::string_view path) {
  return path.starts_with("/assets/") || path == "/favicon.ico" || path == "/robots.txt" ||
         path == "/openapi.json" || path == "/reference.html" || path == "/reference.css";
}

std::string_view type_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> types = {{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"},
      {".png", "image/png"},
  }};
  for (const auto& [suffix, type] : types)
    if (path.ends_with(suffix)) return type;
  return "application/octet-stream";
}

bool accepts(const http::Request& request, std::string_view coding) {
  std::string_view rest = request.headers.find("Accept-Encoding");
  while (!rest.empty()) {
    std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    const bool refused = one.ends_with(";q=0");
    one = one.substr(0, one.find(';'));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (http::same_text(one, coding)) return !refused;
  }
  return false;
}

void add_page_headers(http::Headers& headers) {
  headers.add("Content-Security-Policy", content_policy);
  headers.add("Cross-Origin-Opener-Policy", "same-origin");
  headers.add("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
}

http::Response plain(int status, std::string_view text) {
  http::Response out = http::text(status, text);
  out.headers.add("Cache-Control", "no-store");
  return out;
}

}  // namespace

void add_guards(http::Headers& headers) {
  headers.add("X-Content-Type-Options", "nosniff");
  headers.add("Referrer-Policy", "no-referrer");
  headers.add("Cross-Origin-Resource-Policy", "same-origin");
  headers.add("X-Frame-Options", "DENY");
  if (!headers.has("Content-Security-Policy"))
    headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  if (!headers.has("Cache-Control")) headers.add("Cache-Control", "no-store");
}

bool wants_page(const http::Request& request) {
  return request.method == "GET" && request.headers.find("Accept").contains("text/html");
}

std::optional<http::Response> Pages::answer(const http::Request& request) const {
  if (request.method != "GET" || is_api(request.path)) return std::nullopt;
  if (is_file(request.path)) return file(request, request.path, 200);
  if (wants_page(request)) return shell(request, 200);
  return std::nullopt;
}

http::Response Pages::shell(const http::Request& request, int status) const {
  return file(request, shell_path, status);
}

http::Response Pages::file(
    const http::Request& request, std::string_view path, int status
) const {
  http::Response out =
      folder_.empty() ? embedded(request, path, status) : from_folder(path, status);
  add_page_headers(out.headers);
  return out;
}

http::Response embedded(const http::Request& request, std::string_view path, int status) {
  const std::span<const Asset> assets = embedded_assets();
  if (assets.empty())
    return plain(
        501,
        "this hospes was built without its pages (HOSPES_WEB=OFF).\n"
        "Run tools/setup.sh build, then cmake --preset release -DHOSPES_WEB=ON, and build again.\n"
    );
  const auto found = std::ranges::find(assets, path, &Asset::path);
  if (found == assets.end()) return plain(404, "no such file; reload the page\n");
  const bool br = accepts(request, "br"), gz = !br && accepts(request, "gzip");
  http::Response out{status, {}, {}};
  const std::string tag = std::string("\"").append(found->hash).append(br ? "-br\"" : "\"");
  out.headers.add("ETag", tag);
  out.headers.add("Vary", "Accept-Encoding");
  out.headers.add(
      "Cache-Control", found->hashed ? "public, max-age=31536000, immutable" : "no-cache"
  );
  if (status == 200 && request.headers.find("If-None-Match") == tag) {
    out.status = 304;
    return out;
  }
  out.headers.add("Content-Type", found->type);
  if (br || gz) {
    out.headers.add("Content-Encoding", br ? "br" : "gzip");
    out.body = br ? found->br : found->gz;
    return out;
  }
  auto text = http::gunzip(found->gz, {.bytes_max = Pages::file_bytes_max});
  if (!text) return http::from_error(text.error());
  out.body = std::move(*text);
  return out;
}

http::Response Pages::from_folder(std::string_view path, int status) const {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path folder = fs::canonical(folder_, error);
  const fs::path wanted = fs::canonical(folder_ + std::string(path), error);
  const auto outside = std::ranges::mismatch(folder, wanted).in1 != folder.end();
  if (error || outside || !fs::is_regular_file(wanted, error) ||
      fs::file_size(wanted, error) > file_bytes_max)
    return plain(
        404, "no " + std::string(path) + " in --ui-dir; build it: node web/tools/build.mjs\n"
    );
  std::ifstream in(wanted, std::ios::binary);
  http::Response out{status, {{"Content-Type", type_of(path)}, {"Cache-Control", "no-store"}}, {}};
  out.body.assign(std::istreambuf_iterator<char>(in), {});
  return out;
}

}  // namespace hospes::pages
