#include "server/runtime.h"

#include <fmt/format.h>

#include <filesystem>
#include <mutex>

#include "activate/sender.h"
#include "catalog/house_folder.h"
#include "clock/clock.h"
#include "collect/door.h"
#include "collect/redelivery.h"
#include "collect/shape_keeper.h"
#include "collect/tombstones.h"
#include "consent/permissions.h"
#include "dead_letter/keeper.h"
#include "disk/posix.h"
#include "evidence/evidence.h"
#include "guest/book.h"
#include "http/server.h"
#include "lake/lake.h"
#include "log/local_log.h"
#include "node/node.h"
#include "pages/pages.h"
#include "portal/access.h"
#include "portal/audit.h"
#include "portal/console.h"
#include "portal/definitions.h"
#include "portal/lake_rewrite.h"
#include "portal/erasures.h"
#include "receipt/notary.h"
#include "seal/key_file.h"
#include "server/departures.h"
#include "server/engines.h"
#include "server/folder_lock.h"
#include "server/front.h"
#include "server/mail_known.h"
#include "server/missing_leaves.h"
#include "server/recount.h"
#include "server/scrub.h"
#include "server/start_checks.h"
#include "server/stores.h"
#include "shops/desk.h"
#include "store/rocks.h"
#include "tee/tee.h"
#include "touchpoint/counter.h"
#include "zones/zones.h"

namespace hospes::server {
namespace {

constexpr std::chrono::seconds stop_grace{8};

class Running final : public Runtime,
                      private node::Listener,
                      private collect::Sink,
                      private collect::Arrivals {
 public:
  Running(const config::Settings& settings, const OpenOptions& options)
      : settings_(settings),
        pages_(options.ui_dir),
        diary_(diary::open_diary(
            {.json = settings.log_format == "json", .level = diary::level_of(settings.log_level)}
        )) {}
  ~Running() override { stop(); }

  Status open(const OpenOptions& options) {
    TRY(may_bind(settings_.public_listen, settings_.public_behind_proxy, "public"));
    TRY(may_bind(settings_.console_listen, settings_.console_behind_proxy, "console"));
    TRY(seal::apart(settings_.keys_folder, settings_.data_folder));
    catalog_ = TRY(catalog::read_house_folder(settings_.house_folder));
    sources_ = std::make_unique<collect::LiveSources>(catalog_.sources);
    hooks_ = TRY(shops::read_hooks(settings_.house_folder));
    data_lock_ = TRY(FolderLock::take(settings_.data_folder));
    keys_lock_ = TRY(FolderLock::take(settings_.keys_folder));
    TRY(check_stores(settings_.data_folder, settings_.keys_folder));
    // Ports first: a taken one is told before anything is read.
    http::ServerOptions front;
    front.listen = options.listen ? settings_.public_listen : "127.0.0.1:0";
    front.threads = static_cast<unsigned>(settings_.public_threads);
    front.connections_max = static_cast<std::size_t>(settings_.public_connections_max);
    front.idle_timeout = std::chrono::milliseconds(settings_.public_idle_timeout_ms);
    front.header_timeout = std::chrono::milliseconds(settings_.public_header_timeout_ms);
    front.body_timeout = std::chrono::milliseconds(settings_.public_body_timeout_ms);
    public_ = TRY(take_port(front, "public", options.command));
    http::ServerOptions back;
    back.listen = options.listen ? settings_.console_listen : "127.0.0.1:0";
    console_server_ = TRY(take_port(back, "console", options.command));
    if (options.listen) listen();
    TRY(check_pair(settings_));
    TRY(open_doors());
    TRY(open_node(options.progress));
    TRY(take_segments());
    node_->settle();  // answers on their way between partitions are heard now
    TRY(missing_.enter(ready().has_value(), clock_.now()));
    open_front();
    counter_->begin(*node_);
    if (options.listen) TRY(know_complaints(*complaints_, *node_, catalog_.actions, clock_.now()));
    if (options.listen) sender_->begin(*node_);
    if (options.listen && lake_) lake_->begin();
    if (options.listen) tees_->begin(*node_);
    if (options.listen)
      recount_ = std::make_unique<Recount>([this] { return recount(); }, [this](const Error& why) {
        diary_->note(diary::Level::warn, "segment.thresholds_not_refreshed", why.message);
      });
    return {};
  }

  /// In JSON only: as text the command line says it.
  void tell_refusal(const Error& why) {
    if (settings_.log_format != "json") return;
    diary_->note(diary::Level::error, "server.refused_start", why.message);
  }

  const Opened& opened() const override { return opened_; }
  node::Node& node() override { return *node_; }

  std::vector<Count> counts() override {
    std::mutex mutex;
    std::vector<Count> list;
    node_->ask_all([&](const flow::PartitionState& s) {
      if (!s.engine) return;
      const std::lock_guard lock(mutex);
      const segment::Definitions& d = s.engine->definitions();
      if (list.size() < d.size()) list.resize(d.size());
      for (std::size_t i = 0; i < d.size(); ++i) {
        const segment::Definition& one = d.at(static_cast<segment::SegmentIndex>(i)).definition;
        list[i] = {one.id, one.name_en, one.name_fr, list[i].members + s.members[i].cardinality()};
      }
    });
    return list;
  }

  Moves& moves() override { return moves_; }

  std::string who(const flow::Transition& passage) override {
    return person_of(*node_, passage, *keys_);
  }

  void stop() override {
    if (std::exchange(stopped_, true)) return;
    const Instant began = clock_.now();
    if (node_) diary_->note(diary::Level::info, "server.stopping", "takes nothing more");
    front_.close();
    if (public_) public_->stop(stop_grace);
    if (counter_) counter_->close();
    if (door_) door_->close();
    if (book_) book_->close();
    if (console_) console_->close();
    if (erasures_) erasures_->close();
    if (scrub_) scrub_->close();
    if (sender_) sender_->close();
    if (tees_) tees_->close();
    if (lake_) lake_->close();
    if (recount_) recount_->close();
    if (console_server_) console_server_->stop(std::chrono::seconds(1));
    if (!node_) return;
    node_->close();
    receipts_->close();
    keeper_->close();
    pulse_->close();
    shape_keeper_->close();
    diary_->note(
        diary::Level::info, "server.stopped", "everything accepted is durable",
        {{"ms", (clock_.now() - began).count() / 1000}}
    );
  }

 private:
  Status open_doors() {
    data_ = TRY(disk::open_posix_disk(settings_.data_folder));
    TRY(take_identifiers(*data_, catalog_.kinds));
    keys_disk_ = TRY(disk::open_posix_disk(settings_.keys_folder));
    const auto floor = static_cast<std::uint64_t>(settings_.disk_floor_mb) << 20;
    keys_ = TRY(seal::open_key_file(*keys_disk_, {.free_bytes_min = floor}));
    log::Options log_options;
    log_options.partitions = static_cast<unsigned>(settings_.store_partitions);
    // What was accepted bears messages between partitions: they may use part of the floor.
    log_options.free_bytes_min = floor / 4;
    log_ = TRY(log::open_local_log(*data_, log_options));
    // A new one is written to, so there must be room; one that is there can be read without.
    if (!std::filesystem::exists(std::filesystem::path(settings_.data_folder) / "receipts")) {
      TRY(check_floor(*data_, "data", settings_.disk_floor_mb));
      TRY(check_floor(*keys_disk_, "keys", settings_.disk_floor_mb));
    }
    receipts_ = TRY(receipt::TransparencyLog::open(
        {*data_, *keys_disk_, *keys_},
        {.origin = receipt::origin_of(catalog_.house.name), .free_bytes_min = floor / 8},
        clock_.now()
    ));
    notary_.emplace(*receipts_, catalog_, *keys_);
    missing_.open(*receipts_, *notary_);
    const dead_letter::Options letters{
        .days = settings_.letters_days, .bytes_max = static_cast<std::uint64_t>(settings_.letters_mb) << 20,
        .free_bytes_min = floor / 8};
    letters_ = TRY(dead_letter::Letters::open(*data_, *keys_, letters, clock_.now()));
    evidence_ = TRY(evidence::Evidence::open(*data_, *keys_disk_, clock_.now()));
    keeper_ = std::make_unique<dead_letter::Keeper>(*letters_, clock_, [this](const Error& why) {
      diary_->note(diary::Level::warn, "letters.trouble", why.message);
    });
    store_ = TRY(store::open_rocks(
        std::filesystem::path(settings_.data_folder) / "store",
        {.partitions = static_cast<unsigned>(settings_.store_partitions),
         .block_cache_bytes = static_cast<std::size_t>(settings_.store_cache_mb) << 20,
         .write_buffer_bytes = static_cast<std::size_t>(settings_.store_write_buffer_mb) << 20}
    ));
    access_ = TRY(portal::Access::open(
        *data_, "console", {settings_.console_hosts, settings_.console_behind_proxy}, clock_.now()
    ));
    pulse_ = TRY(portal::Pulse::open(*data_, "console", clock_));
    shape_keeper_ = TRY(collect::ShapeKeeper::open(*data_, "console", keys_->house_secret(), shapes_, clock_));
    return {};
  }

  Status open_node(const std::function<void(std::uint64_t)>& progress) {
    suppressed_ = TRY(mail::Suppressed::open(*data_, "mail"));
    complaints_ = TRY(mail::Complaints::open(*data_, "mail", clock_.now()));
    const auto allowed = TRY(activate::Allowed::parse(settings_.act_allow));
    sender_ = TRY(activate::Sender::open(
        catalog_.actions, settings_.house_folder, allowed,
        {*keys_, clock_, *diary_, suppressed_.get(), complaints_.get(),
         [tokens = touchpoint::Tokens(keys_->house_secret())](std::string_view ticket, Instant sent) {
           return tokens.make_sent(std::string(ticket), sent);
         }},
        {catalog_.house.name, catalog_.house.languages.front(), zones::find(catalog_.house.time_zone),
         catalog_.purposes.heedless(), settings_.public_url,
         activate::measure_of(catalog_.purposes, mail::opens_purpose), activate::measure_of(catalog_.purposes, mail::clicks_purpose)}
    ));
    counter_ = std::make_unique<touchpoint::Counter>(touchpoint::Doors{
        *keys_, catalog_, *sources_, clock_,
        [this](http::Request q, http::Responder r) { door_->handle(std::move(q), std::move(r)); }});
    flow::House house = TRY(engines_.house());
    node::Options options;
    options.partitions = static_cast<unsigned>(settings_.store_partitions);
    options.timelines_bytes_max = static_cast<std::size_t>(settings_.store_timelines_mb) << 20;
    options.checkpoint_every = std::chrono::seconds(settings_.store_checkpoint_s);
    open_lake();
    tees_ = TRY(tee::Tees::open(
        {*data_, *log_, *keys_, names_, catalog_, *sources_, sender_->flights(), clock_, *diary_},
        {.house_folder = settings_.house_folder, .free_bytes_min = static_cast<std::uint64_t>(settings_.disk_floor_mb) << 21},
        allowed
    ));
    options.kept_after = [this] {
      const Position told = tees_->kept_after();
      return lake_ ? std::min(lake_->kept_after(), told) : told;
    };
    const Instant began = clock_.now();
    std::uint64_t records = 0;
    node_ = TRY(node::Node::open(
        {*log_, *store_, *keys_, clock_}, std::move(house), options, *this,
        [&](const node::Recovery& r) {
          records = r.records;
          front_.recovering(r.records);
          if (progress) progress(r.records);
        }
    ));
    diary_->note(
        diary::Level::info, "server.recovered", "state is as the log says",
        {{"records", static_cast<std::int64_t>(records)},
         {"atoms", static_cast<std::int64_t>(keys_->size())},
         {"ms", (clock_.now() - began).count() / 1000}}
    );
    return {};
  }

  /// It is derived and disposable: without it the house stands.
  void open_lake() {
    if (settings_.lake_every_s == 0) return;
    lake::Options options;
    options.data_folder = std::filesystem::absolute(settings_.data_folder);
    options.every = std::chrono::seconds(settings_.lake_every_s);
    auto opened = lake::Lake::open({*data_, *log_, *keys_, names_, catalog_, clock_, *diary_}, std::move(options));
    if (opened) {
      lake_ = std::move(*opened);
    } else {
      diary_->note(diary::Level::error, "lake.not_open", opened.error().message + "; move the folder lake aside to begin another");
    }
  }

  /// The house's segments.seg, when it says something else than what is in force.
  Status take_segments() {
    // Its files are people's, who edit and compare them too.
    house_disk_ = TRY(disk::open_posix_disk(settings_.house_folder, 0644));
    campaigns_ = std::make_unique<portal::Campaigns>(*house_disk_, catalog_, &sender_->messages());
    TRY(campaigns_->all());
    definitions_ = std::make_unique<portal::Definitions>(
        *node_, *house_disk_, node::Beside{catalog_.actions.text, catalog_.decisions.text, catalog_.retention.text},
        campaigns_.get()
    );
    sourcebook_ = std::make_unique<portal::Sourcebook>(*sources_, catalog_.purposes, *house_disk_);
    const auto next = TRY(definitions_->next());
    if (!next) return {};
    TRY(ready());
    const std::string journeys = TRY(definitions_->journeys());
    TRY(engines_.check(*next, journeys));
    TRY(definitions_->take());
    node_->settle();
    return {};
  }

  Status recount() {
    TRY(ready());
    return definitions_->recount(clock_.now());
  }

  void listen() {
    public_->start([this](http::Request request, http::Responder responder) {
      front_.from_public(std::move(request), std::move(responder));
    });
    console_server_->start([this](http::Request request, http::Responder responder) {
      front_.from_console(std::move(request), std::move(responder));
    });
    opened_.public_port = public_->port();
    opened_.console_port = console_server_->port();
    diary_->note(
        diary::Level::info, "server.starting", "both listeners answer 503 until it is live",
        {{"public", opened_.public_port}, {"console", opened_.console_port}}
    );
  }

  void open_front() {
    tombstones_ = std::make_unique<collect::Tombstones>(keys_->house_secret());
    portal::ConsoleDoors doors{
        *node_, *keys_, catalog_, names_, clock_, *access_, feed_, *pulse_, health_, shapes_, *diary_,
        *receipts_, *notary_, *definitions_, *sourcebook_, sender_.get()};
    const collect::Doors collects{catalog_, *sources_, names_, *keys_, permissions_, *this,
                                  clock_,   *this,     shapes_, letters_.get(),
                                  tombstones_.get()};
    redelivery_ = std::make_unique<collect::Redelivery>(collects);
    doors.letters = letters_.get();
    doors.evidence = evidence_.get();
    doors.redelivery = redelivery_.get();
    doors.campaigns = campaigns_.get();
    doors.sink = this;
    doors.tombstones = tombstones_.get();
    doors.erasures = [this] {
      if (erasures_) erasures_->look();
      if (scrub_) scrub_->look();
    };
    doors.lake = lake_.get();
    doors.tees = [this] { return tees_->told(); };
    doors.public_url = reached_at(settings_.public_url, opened_.public_port);
    doors.guest_link = [this](const Atom& a, std::string_view by) { return book_->new_link(a, by); };
    portal::bury(*node_, *tombstones_);
    book_ = std::make_unique<guest::Book>(
        guest::BookOptions{.tls = settings_.public_behind_proxy},
        guest::Doors{doors, *this, *this, permissions_, [this](std::string saw, bool simulated) {
          return door_->tell(std::move(saw), simulated); }}
    );
    console_ = std::make_unique<portal::Console>(doors);
    door_ = std::make_unique<collect::Door>(
        collect::DoorOptions{.tls_in_front = settings_.public_behind_proxy}, collects
    );
    erasures_ = std::make_unique<portal::Erasures>(doors);
    scrub_ = std::make_unique<Scrub>(
        Scrub::Doors{
            *node_, *log_, *store_, *receipts_, *data_, clock_, *diary_,
            [doors] { return portal::rewrite_lake(doors); }},
        std::chrono::hours(settings_.erasure_scrub_h)
    );
    departures_.open(*erasures_, *scrub_);
    opened_.owner_link = fmt::format(
        "http://127.0.0.1:{}/start/{}", opened_.console_port, access_->new_owner_code(clock_.now())
    );
    const auto to_door = [this](http::Request q, http::Responder r) { door_->handle(std::move(q), std::move(r)); };
    shops_ = std::make_unique<shops::Desk>(std::move(hooks_), to_door);
    front_.open(
        {[this, to_door](http::Request q, http::Responder r) {
           if (portal::is_audit(q.path)) return r.send(portal::audit(*receipts_, q));
           if (guest::Book::serves(q.path)) return book_->handle(std::move(q), std::move(r));
           if (shops::Desk::serves(q.path)) return shops_->handle(std::move(q), std::move(r));
           if (touchpoint::Counter::serves(q.path) && q.method != "OPTIONS")
             return counter_->handle(std::move(q), std::move(r));
           to_door(std::move(q), std::move(r));
         },
         [this](http::Request q, http::Responder r) { console_->handle(std::move(q), std::move(r)); },
         [this] { return ready(); },
         [this](const http::Request& q) { return access_->check_place(q); }}
    );
    diary_->note(diary::Level::info, "server.live", "accepts events");
  }

  /// Why nothing may be accepted, or success. Asked with every append.
  Status ready() const {
    TRY(check_floor(*data_, "data", settings_.disk_floor_mb));
    TRY(check_floor(*keys_disk_, "keys", settings_.disk_floor_mb));
    TRY(keys_->health());
    TRY(receipts_->health());
    return node_->health();
  }

  // node::Listener
  void transitions(const std::vector<flow::Transition>& passed) override {
    moves_.add(passed, clock_.now());
    feed_.passed(passed);
    pulse_->passed(passed);
  }
  void fates(const std::vector<flow::Fate>& fates) override {
    feed_.became(fates, clock_.now());
    sender_->fates(fates);
    counter_->fates(fates);
    for (const flow::Fate& fate : fates) {
      if (fate.became != flow::Became::duplicate) continue;
      const auto first = feed_.arrival(fate.message);
      pulse_->repeated(first && first->simulated);
    }
  }
  void stocked(const std::vector<flow::Stocked>& stocked) override { counter_->stocked(stocked); }
  void effects(const std::vector<flow::Effected>& effects) override {
    sender_->effects(effects);
    feed_.effected(effects, clock_.now());
  }
  void moves(const std::vector<flow::Moved>& moves) override { feed_.moved(moves); }
  void answers(const std::vector<consent::Row>& rows) override {
    for (const consent::Row& row : rows) permissions_.add(row);
    sender_->answers(rows);
    missing_.heard(rows);
  }
  void erased(AtomId atom) override {
    keeper_->forget(atom);
    missing_.heard(atom);
  }
  void lapsed(const std::vector<Atom>& atoms) override { departures_.lapsed(atoms); }
  void ended(std::size_t) override { departures_.ended(); }
  void quarantined(const std::vector<AtomId>& atoms) override {
    for (const AtomId atom : atoms) {
      diary_->note(
          diary::Level::warn, "identity.quarantined",
          "more people than believable were seen with one identifier; it joins nobody from now on",
          {{"atom", to_hex(atom)}}
      );
    }
  }
  // collect::Arrivals
  void arrived(std::vector<collect::Arrival> arrivals) override {
    for (const collect::Arrival& arrival : arrivals) {
      pulse_->arrived(arrival);
      health_.arrived(arrival);
      counter_->arrived(arrival);
    }
    feed_.arrived(std::move(arrivals));
  }
  void turned_away(const collect::TurnedAway& request) override { health_.turned_away(request); }
  void admitted(const collect::Admitted& request) override { health_.admitted(request); }
  // collect::Sink
  std::size_t in_flight(Hash128 message) override { return sender_->flights().in_flight(message); }
  Status append(std::vector<collect::Outgoing> records, std::function<void(Status)> done) override {
    TRY(ready());
    std::vector<node::Node::Addressed> addressed;
    addressed.reserve(records.size());
    std::vector<receipt::Sealed> entries;
    std::vector<Hash128> noes;
    for (collect::Outgoing& r : records) {
      if (auto entry = TRY(entry_of(*notary_, *r.record))) entries.push_back(std::move(*entry));
      if (const auto* a = std::get_if<record::Answered>(&r.record->body);
          a != nullptr && consent::is_against(static_cast<consent::Answer>(a->state)))
        noes.push_back(a->message);
      addressed.push_back({node_->lane_of(r.anchor), std::move(r.record)});
    }
    activate::Flights& flights = sender_->flights();
    std::optional<std::uint64_t> ticket;
    if (!noes.empty()) ticket = flights.expect(std::move(noes));
    const Status begun = write(
        std::move(addressed), std::move(entries),
        [&flights, ticket, done = std::move(done)](Status durable) {
          if (!ticket) return done(std::move(durable));
          // Who says no is answered when nothing more can leave.
          if (durable) return flights.when_drained(*ticket, [done] { done({}); });
          flights.give_up(*ticket);
          done(std::move(durable));
        }
    );
    if (!begun && ticket) flights.give_up(*ticket);
    return begun;
  }

  Status write(
      std::vector<node::Node::Addressed> addressed, std::vector<receipt::Sealed> entries,
      std::function<void(Status)> done
  ) {
    if (entries.empty()) return node_->append(std::move(addressed), std::move(done));
    // First the answers, then their leaves: what a crash leaves between, the next start enters.
    auto then = std::make_shared<std::vector<receipt::Sealed>>(std::move(entries));
    return node_->append(
        std::move(addressed), [this, then, done = std::move(done)](const Status& durable) {
          if (!durable) return done(durable);
          const Status begun = receipts_->append(std::move(*then), done);
          if (!begun) done(begun);
        }
    );
  }
  std::string receipt(Hash128 message) override {
    return receipts_->receipt(message).value_or(std::string());
  }

  const config::Settings settings_;
  const pages::Pages pages_;
  const std::unique_ptr<diary::Diary> diary_;
  FolderLock data_lock_, keys_lock_;
  SystemClock clock_;
  Names names_;
  catalog::Catalog catalog_;
  Engines engines_{names_, catalog_};
  consent::Permissions permissions_;
  portal::Feed feed_{clock_.now()};
  portal::Health health_;
  collect::Shapes shapes_{names_};
  Moves moves_;
  std::unique_ptr<disk::Disk> data_, keys_disk_, house_disk_;
  std::unique_ptr<seal::KeyStore> keys_;
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<receipt::TransparencyLog> receipts_;
  std::optional<receipt::Notary> notary_;
  MissingLeaves missing_;
  Departures departures_;
  std::unique_ptr<store::RocksStore> store_;
  std::unique_ptr<portal::Access> access_;
  std::unique_ptr<portal::Pulse> pulse_;
  std::unique_ptr<collect::ShapeKeeper> shape_keeper_;
  std::unique_ptr<dead_letter::Letters> letters_;
  std::unique_ptr<evidence::Evidence> evidence_;
  std::unique_ptr<dead_letter::Keeper> keeper_;
  std::unique_ptr<collect::LiveSources> sources_;
  std::unique_ptr<mail::Suppressed> suppressed_;
  std::unique_ptr<mail::Complaints> complaints_;
  std::unique_ptr<activate::Sender> sender_;
  std::unique_ptr<touchpoint::Counter> counter_;
  std::unique_ptr<lake::Lake> lake_;
  std::unique_ptr<tee::Tees> tees_;
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<portal::Campaigns> campaigns_;
  std::unique_ptr<portal::Definitions> definitions_;
  std::unique_ptr<portal::Sourcebook> sourcebook_;
  std::unique_ptr<collect::Tombstones> tombstones_;
  std::unique_ptr<guest::Book> book_;
  std::unique_ptr<collect::Redelivery> redelivery_;
  std::unique_ptr<portal::Console> console_;
  std::unique_ptr<portal::Erasures> erasures_;
  std::unique_ptr<Scrub> scrub_;
  std::unique_ptr<collect::Door> door_;
  std::vector<shops::Hook> hooks_;  // until shops_ has them
  std::unique_ptr<shops::Desk> shops_;
  Front front_{*diary_, pages_};
  std::unique_ptr<http::Server> public_, console_server_;
  Opened opened_;
  bool stopped_ = false;
  std::unique_ptr<Recount> recount_;
};

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::open(
    const config::Settings& settings, const OpenOptions& options
) {
  auto running = std::make_unique<Running>(settings, options);
  if (Status opened = running->open(options); !opened) {
    running->tell_refusal(opened.error());
    return std::unexpected(std::move(opened.error()));
  }
  return std::unique_ptr<Runtime>(std::move(running));
}

}  // namespace hospes::server
