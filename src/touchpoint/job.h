// Private to touchpoint/: one question on its way from the network to a partition and back.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "decide/flag.h"
#include "touchpoint/answer.h"
#include "touchpoint/caller.h"
#include "touchpoint/pending.h"
#include "touchpoint/question.h"

namespace hospes::touchpoint {

struct Job {
  Caller caller;
  Question question;
  std::shared_ptr<Pending> pending;
  std::string event_told;  // what became of the event that came along, as JSON
  Atom atom;               // of the subject, as far as the house knows one
  bool bulk = false;       // of OFREP
  std::string if_none_match;

  /// With what a page needs to read it.
  void answer(http::Response response) const;
  bool keep(http::Response instead) const;
};

/// One flag, evaluated.
struct Evaluated {
  const hospes::decide::Flag* flag = nullptr;
  hospes::decide::FlagAnswer answer;
  std::string token;  // empty: no experiment had a say
};

/// What OFREP answers: 200 with one flag, or with all and an ETag, or 304.
http::Response ofrep_answer(const Job& job, const std::vector<Evaluated>& flags);
/// What the deadline answers: of one flag its default, as declared. Of all of them no answer, so that a provider goes on
/// with what it has.
http::Response ofrep_late(const Job& job, const catalog::Decisions& decisions);
/// `{"key", "errorCode", "errorDetails"}`.
http::Response ofrep_error(
    int status, std::string_view key, std::string_view code, std::string_view details
);
/// The flag of a path of OFREP; empty: all of them; nothing: it is no such path.
std::optional<std::string> ofrep_flag(std::string_view path);

}  // namespace hospes::touchpoint
