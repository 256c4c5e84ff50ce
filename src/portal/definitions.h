// The house's segments and journeys: the files that people read and keep under version control, and
// what is in force. The file is the truth; a change made here changes both.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "disk/disk.h"
#include "journey/definition.h"
#include "node/node.h"
#include "portal/campaigns.h"
#include "portal/past.h"
#include "segment/file.h"

namespace hospes::portal {

class Definitions {
 public:
  static constexpr std::string_view file = "segments.seg";
  static constexpr std::string_view journeys_file = "journeys.jny";

  /// `folder`: where the house is defined. `campaigns`: those approved are journeys beside the file's;
  /// null: none. All outlive it. `beside`: texts that are read at the start only.
  Definitions(
      node::Node& node, disk::Disk& folder, node::Beside beside = {}, const Campaigns* campaigns = nullptr
  )
      : node_(node), folder_(folder), beside_(std::move(beside)), campaigns_(campaigns) {}

  /// The segments that the file and what is beside it would put in force; nothing when they are. No file changes
  /// no segment. invalid_input with line and column when it cannot be read.
  Result<std::optional<std::string>> next();
  /// Text of journeys.jny; empty when there is none.
  Result<std::string> journeys();
  /// They are in force when it returns.
  Status take();
  /// What campaigns have become since: in force when it returns. Segments stay as they are.
  Status take_campaigns();
  /// Of the segments in force.
  SegmentPurposes segments() const;

  /// Writes it into the file, in its place or behind all, and puts it in force in every partition:
  /// the passages that it causes are on the stream when it returns. conflict when the file was
  /// edited by hand since it was taken; nothing changes on any error.
  /// `by` and `at` are noted beside it (past.h).
  Status keep(const segment::Definition& definition, std::string_view by, Instant at);
  /// The same for one that shall be no more. The caller knows that nobody asks about it.
  Status retire(std::string_view id, std::string_view by, Instant at);
  /// Writes the pause of a journey, or its end, into journeys.jny, and puts it in force as `keep` does.
  Status pause(std::string_view journey, bool paused);
  /// The same for one journey as somebody wrote it, in its place or behind all others. Its versions are in the log.
  Status keep_journey(std::string_view text);
  /// Another whole file, as somebody wrote it, comments and life cycles with it: all in force at one instant, or
  /// nothing changes. conflict unless the file is as the house took it, or is that text already.
  Status replace(const std::string& source, std::string_view by, Instant at);
  /// How many partitions have switched to what was proposed last: each counts all of its people anew, one record
  /// long, while the others take events. Equal when nothing is under way.
  struct Progress {
    unsigned switched = 0, of = 0;
    std::int64_t took_ms = 0;  // of the last whole switch
  };
  Progress progress() const { return {switched_.load(), of_.load(), took_ms_.load()}; }
  /// What went wrong last with a segment, until it goes well again; `everybody` with all that compare people.
  struct Trouble {
    Instant at;
    std::string what;
  };
  static constexpr std::string_view everybody = "";
  /// Thresholds of people compared, counted anew (thresholds.h); what goes wrong is noted.
  Status recount(Instant now);
  void note(std::string_view id, const Status& status, Instant at);
  std::optional<Trouble> trouble(std::string_view id) const;

  /// What it was, the newest first.
  Result<std::vector<Version>> versions(std::string_view id) const { return versions_of(folder_, id); }

 private:
  using Change = std::function<segment::Parsed<std::string>(std::string_view)>;
  Status change(const Change& edit, Version version);
  Status change_journeys(const Change& edit);
  /// conflict when the files were edited by hand since they were taken; `name` is told.
  Status as_taken(const std::string& source, std::string_view name = file);
  /// Writes the file and puts it in force; the file is as it was when that fails.
  Status write(const std::string& before, const std::string& after);
  Result<std::string> text();
  Result<std::string> text_of(std::string_view name);
  /// `segments`: the text that will be in force with them.
  Result<std::vector<journey::Definition>> led(const std::string& segments);
  Result<std::optional<std::string>> next_of(std::string_view source);
  record::Defined in_force() const;
  Status put_in_force(const std::optional<segment::InForce>& next);

  node::Node& node_;
  disk::Disk& folder_;
  const node::Beside beside_;
  const Campaigns* campaigns_;
  std::mutex changing_;  // one change at a time
  std::atomic<unsigned> switched_{0}, of_{0};
  std::atomic<std::int64_t> took_ms_{0};
  mutable std::mutex noting_;
  std::map<std::string, Trouble, std::less<>> troubles_;  // guarded by noting_
};

}  // namespace hospes::portal
