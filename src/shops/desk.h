// Where shops post: the signature first, then the meaning, then the door.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/responder.h"
#include "shops/hook.h"

namespace hospes::shops {

/// HMAC-SHA256 of `body` under `secret`, as the header writes it.
std::string signature_of(std::string_view secret, std::string_view body, bool hex);

class Desk {
 public:
  /// `door`: takes `/v1/batch` as the public listener does.
  Desk(std::vector<Hook> hooks, http::Handler door)
      : hooks_(std::move(hooks)), door_(std::move(door)) {}

  static bool serves(std::string_view path) { return path.starts_with("/v1/hooks/"); }
  /// 401 without a right signature, 404 for a hook that is none, 422 when the payload lacks what
  /// its row needs; 200 with `{"ignored":topic}` when no row names the topic or none fits. Else the
  /// door's answer. Never blocks.
  void handle(http::Request request, http::Responder responder) const;

 private:
  const std::vector<Hook> hooks_;
  const http::Handler door_;
};

}  // namespace hospes::shops
