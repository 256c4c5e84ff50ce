#include "demo/letterbox.h"

namespace hospes::demo {

Result<std::unique_ptr<Letterbox>> Letterbox::open() {
  http::ServerOptions options;
  options.listen = usual;
  auto server = http::Server::open(options);
  if (!server) {
    options.listen = "127.0.0.1:0";
    server = http::Server::open(options);
  }
  if (!server) return std::unexpected(std::move(server.error()));
  std::unique_ptr<Letterbox> box(new Letterbox(std::move(*server)));
  box->server_->start([box = box.get()](http::Request request, http::Responder responder) {
    responder.send(box->answer(request));
  });
  return box;
}

Letterbox::~Letterbox() { server_->stop(std::chrono::seconds(1)); }

std::uint64_t Letterbox::letters() {
  const std::lock_guard lock(mutex_);
  return letters_;
}

http::Response Letterbox::answer(const http::Request& request) {
  const std::lock_guard lock(mutex_);
  if (request.method == "POST") {
    ++letters_;
    newest_.push_front(request.body);
    if (newest_.size() > kept_max) newest_.pop_back();
    return http::Response{204, {}, ""};
  }
  std::string out = std::to_string(letters_) + " letters; the newest first\n\n";
  for (const std::string& letter : newest_) out += letter + "\n";
  return http::text(200, out);
}

}  // namespace hospes::demo
