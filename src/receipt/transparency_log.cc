// What stands in the log, one lane, little-endian (base/bytes.h):
//
//   entry      = leaf | key | checkpoint
//   leaf       = 1:u8 hash[32] message hi:u64 lo:u64 atom hi:u64 lo:u64 content
//   content    = sealed record (seal/envelope.h)            of an atom
//              | salt[32] record                            of nobody
//   key        = 2:u8 note                                  its leaf is the note itself, unsalted
//   checkpoint = 3:u8 note
#include "receipt/transparency_log.h"

#include <future>

#include "base/bytes.h"
#include "receipt/receipt.h"
#include "receipt/signing_keys.h"
#include "seal/envelope.h"
#include "seal/random.h"

namespace hospes::receipt {
namespace {

enum class Kind : std::uint8_t { leaf = 1, key = 2, checkpoint = 3 };

constexpr std::string_view bound = "hospes receipt 1";
constexpr std::uint64_t queue_bytes_max = std::uint64_t{256} << 20;  // beyond what the door lets in at once

std::string bytes_of(Hash128 message) {
  std::string out;
  Writer w(out);
  w.u64(message.hi);
  w.u64(message.lo);
  return out;
}

std::string salt_of(const seal::Key& key, Hash128 message) {
  const std::string_view secret(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
  return std::string(view_of(hmac(secret, "hospes receipt salt 1" + bytes_of(message))));
}

std::string note_entry(Kind kind, std::string_view note) {
  return std::string(1, static_cast<char>(kind)).append(note);
}

Kind kind_of(std::string_view bytes) {
  return bytes.empty() ? Kind{0} : static_cast<Kind>(bytes.front());
}

bool is_leaf(std::string_view bytes) {
  return kind_of(bytes) == Kind::leaf || kind_of(bytes) == Kind::key;
}

std::unexpected<Error> damaged(std::string_view what) {
  return fail(
      Code::corrupt,
      std::string("the transparency log (receipts/ of the data folder) ").append(what)
  );
}

}  // namespace

/// A leaf, read back.
struct TransparencyLog::Read {
  Kind kind = Kind::leaf;
  Digest leaf{};
  Hash128 message;
  AtomId atom;
  std::string content;

  static Result<Read> of(std::string_view bytes) {
    Read out{.kind = kind_of(bytes)};
    Reader r(bytes);
    r.u8();
    if (out.kind == Kind::leaf) {
      const auto hash = r.raw(out.leaf.size());
      std::copy(hash.begin(), hash.end(), out.leaf.begin());
      out.message = {r.u64(), r.u64()};
      out.atom = {r.u64(), r.u64()};
    } else {
      out.leaf = leaf_hash(r.rest());
    }
    out.content = r.rest();
    if (!r.ok()) return damaged("holds a leaf that is cut short");
    return out;
  }
};

TransparencyLog::TransparencyLog(Doors doors)
    : doors_(doors), tree_([this](std::uint64_t tile) { return fetch(tile); }) {}

Result<std::unique_ptr<TransparencyLog>> TransparencyLog::open(
    Doors doors, LogOptions options, Instant now
) {
  std::unique_ptr<TransparencyLog> out(new TransparencyLog(doors));
  out->piece_bytes_max_ = options.segment_bytes / 8;
  log::Options disk;
  disk.folder = "receipts";
  disk.partitions = 1;
  disk.segment_bytes = options.segment_bytes;
  disk.commit_bytes_max = options.segment_bytes / 4;
  disk.queue_bytes_max = queue_bytes_max;
  disk.free_bytes_min = options.free_bytes_min;
  disk.spares_max = 1;
  out->log_ = TRY(log::open_local_log(doors.data, disk));
  TRY(out->recover());
  out->log_->follow([log = out.get()](std::vector<log::Durable> records) {
    for (const log::Durable& d : records) log->follow(d);
  });
  if (out->chain_.empty()) {
    TRY(out->begin(options, now));
  } else {
    TRY(out->take_signer());
  }
  return out;
}

Status TransparencyLog::recover() {
  const std::vector<Position> start(1);
  TRY(log_->replay(start, [this](const log::Durable& d) { return visit(d); }));
  if (published_.size != tree_.size()) return damaged("ends without a checkpoint");
  if (tree_.size() == 0) return {};
  // The last root binds all before it, and `take_signer` checks the last signature. The others would
  // cost 0.1 ms each and prove nothing more.
  const Checkpoint last{chain_.empty() ? "" : chain_.front().name, tree_.size(), tree_.root()};
  if (!published_.note.starts_with(last.text())) return damaged("differs from its own checkpoint");
  return {};
}

Status TransparencyLog::visit(const log::Durable& durable) {
  const std::string_view bytes = durable.bytes;
  if (is_leaf(bytes)) {
    const Read read = TRY(Read::of(bytes));
    if (read.kind == Kind::key) {
      key_notes_.push_back(read.content);
      chain_ = TRY(key_chain(key_notes_));
    } else {
      leaf_of_.emplace(read.message, tree_.size());
      leaves_of_[read.atom].push_back(tree_.size());
    }
    tree_.append(read.leaf);
  } else if (kind_of(bytes) != Kind::checkpoint) {
    return damaged("holds an entry of an unknown kind");
  }
  follow(durable);
  return {};
}

/// On the log's thread, in order.
void TransparencyLog::follow(const log::Durable& durable) {
  const std::lock_guard lock(durable_mutex_);
  if (is_leaf(durable.bytes)) {
    if (durable_leaves_ % Tree::tile_leaves == 0) tile_from_.push_back(last_);
    ++durable_leaves_;
  } else {
    published_ = {durable.bytes.substr(1), durable_leaves_};
  }
  last_ = durable.position;
}

Status TransparencyLog::begin(const LogOptions& options, Instant now) {
  auto signer = TRY(read_signer(doors_.keys_disk, Which::current));
  if (!signer) {
    signer.emplace(make_signer(options.origin));
    TRY(write_signer(doors_.keys_disk, Which::current, *signer));
  }
  return introduce_key(std::move(*signer), now);
}

Status TransparencyLog::take_signer() {
  for (const Which which : {Which::current, Which::next}) {
    auto signer = TRY(read_signer(doors_.keys_disk, which));
    if (!signer || signer->verifier() != chain_.back()) continue;
    if (!open_checkpoint(published_.note, chain_.back()))
      return damaged("ends with a checkpoint that its key did not sign");
    // A change of keys that a crash cut short: it was durable in the log, so it is done.
    if (which == Which::next) TRY(write_signer(doors_.keys_disk, Which::current, *signer));
    TRY(drop_next(doors_.keys_disk));
    signer_ = std::move(signer);
    return {};
  }
  return fail(
      Code::corrupt,
      "receipts/signing.key of the key folder is not the key that signs the transparency log (" +
          chain_.back().text() +
          "). A new one would break every receipt that was given: restore the key folder from its "
          "backup"
  );
}

/// Appends what introduces `signer`, who signs from then on.
Status TransparencyLog::introduce_key(Signer signer, Instant now) {
  std::promise<Status> durable;
  {
    const std::lock_guard lock(mutex_);
    TRY(failed_);
    const Signer& by = signer_ ? *signer_ : signer;
    key_notes_.push_back(by.sign(introduce(signer.verifier(), now)));
    chain_.push_back(signer.verifier());
    signer_ = std::move(signer);
    Sealed note{.leaf = leaf_hash(key_notes_.back())};
    note.bytes = note_entry(Kind::key, key_notes_.back());
    std::vector<Sealed> entries;
    entries.push_back(std::move(note));
    TRY(append_locked(std::move(entries), [&](Status s) { durable.set_value(std::move(s)); }));
  }
  return durable.get_future().get();
}

Status TransparencyLog::rotate(Instant now) {
  Signer fresh = make_signer(origin());
  // On disk before it is in the log: whatever a crash leaves, the key that the log names is there.
  TRY(write_signer(doors_.keys_disk, Which::next, fresh));
  Signer copy(fresh.verifier().name, fresh.seed());
  TRY(introduce_key(std::move(copy), now));
  TRY(write_signer(doors_.keys_disk, Which::current, fresh));
  return drop_next(doors_.keys_disk);
}

Result<std::string> TransparencyLog::open_entry(std::string_view bytes, seal::KeyStore& keys) {
  if (!is_leaf(bytes)) return std::string(bytes);
  const Read read = TRY(Read::of(bytes));
  if (read.kind == Kind::key || !read.atom) return read.content;
  const seal::Key key = TRY(keys.key(read.atom));
  return seal::open(key, std::string(bound) + bytes_of(read.message), read.content);
}

Result<std::uint64_t> TransparencyLog::scrub() {
  // What is left of a leaf: its hash, the message and the random id of who is no more.
  constexpr std::size_t kept = 1 + sizeof(Digest) + 2 * 16;
  const std::uint64_t next [[maybe_unused]] = TRY(log_->begin_scrub());
  const auto changed = log_->rewrite([&](std::string_view payload) -> std::optional<std::string> {
    if (kind_of(payload) != Kind::leaf || payload.size() <= kept) return std::nullopt;
    const auto read = Read::of(payload);
    if (!read || !read->atom) return std::nullopt;
    const auto key = doors_.keys.key(read->atom);
    if (key || key.error().code != Code::not_found) return std::nullopt;
    std::string out(payload.substr(0, kept));
    out.resize(payload.size(), '\0');
    return out;
  });
  log_->end_scrub(0);
  return changed;
}

Result<Sealed> TransparencyLog::prepare(const Entry& entry) const {
  Sealed out{.message = entry.message, .atom = entry.atom};
  std::string salt(sizeof(Digest), '\0');
  std::string content;
  if (entry.atom) {
    const seal::Key key = TRY(doors_.keys.key(entry.atom));
    salt = salt_of(key, entry.message);
    seal::seal(key, std::string(bound) + bytes_of(entry.message), entry.record, content);
  } else {
    seal::random_bytes(reinterpret_cast<unsigned char*>(salt.data()), salt.size());
    content = salt + entry.record;
  }
  out.leaf = leaf_hash(salted(salt, entry.record));
  Writer w(out.bytes);
  w.u8(static_cast<std::uint8_t>(Kind::leaf));
  w.raw(view_of(out.leaf));
  w.raw(bytes_of(entry.message));
  w.u64(entry.atom.hi);
  w.u64(entry.atom.lo);
  w.raw(content);
  return out;
}

Status TransparencyLog::append(std::vector<Sealed> entries, log::Done done) {
  const std::lock_guard lock(mutex_);
  TRY(failed_);
  std::size_t bytes = 0;
  std::vector<Sealed> piece;
  for (Sealed& e : entries) {
    if (!piece.empty() && bytes + e.bytes.size() > piece_bytes_max_) {
      // The log fails in order: when this piece does, so does the last.
      TRY(append_locked(std::exchange(piece, {}), [](const Status&) {}));
      bytes = 0;
    }
    bytes += e.bytes.size();
    piece.push_back(std::move(e));
  }
  return append_locked(std::move(piece), std::move(done));
}

Status TransparencyLog::append_locked(std::vector<Sealed> entries, log::Done done) {
  std::vector<log::Entry> out;
  for (Sealed& e : entries) {
    const bool key = kind_of(e.bytes) == Kind::key;
    if (!key && !leaf_of_.emplace(e.message, tree_.size()).second) continue;
    if (!key) leaves_of_[e.atom].push_back(tree_.size());
    tree_.append(e.leaf);
    out.push_back({0, std::move(e.bytes), nullptr});
  }
  const Checkpoint now{signer_->verifier().name, tree_.size(), tree_.root()};
  // Also when all of them were known: what is known may still be on its way, and this comes after.
  out.push_back({0, note_entry(Kind::checkpoint, signer_->sign(now.text())), nullptr});
  auto appended = log_->append(std::move(out), [this, done = std::move(done)](Status s) {
    if (!s) {
      const std::lock_guard lock(mutex_);
      failed_ = s;
    }
    done(std::move(s));
  });
  if (!appended) failed_ = appended;
  return appended;
}

bool TransparencyLog::knows(Hash128 message) const {
  const std::lock_guard lock(mutex_);
  return leaf_of_.contains(message);
}

Result<std::vector<TransparencyLog::Read>> TransparencyLog::read_tile(
    Position before, std::size_t leaves_max
) const {
  std::vector<Read> out;
  while (out.size() < leaves_max) {
    const auto records = TRY(log_->read(0, before, Tree::tile_leaves));
    if (records.empty()) break;
    for (const log::Durable& d : records) {
      before = d.position;
      if (is_leaf(d.bytes) && out.size() < leaves_max) out.push_back(TRY(Read::of(d.bytes)));
    }
  }
  return out;
}

Result<std::vector<Digest>> TransparencyLog::fetch(std::uint64_t tile) const {
  Position before;
  {
    const std::lock_guard lock(durable_mutex_);
    if (tile >= tile_from_.size())
      return fail(Code::unavailable, "these leaves are not durable yet");
    before = tile_from_[tile];
  }
  std::vector<Digest> out;
  for (const Read& read : TRY(read_tile(before, Tree::tile_leaves))) out.push_back(read.leaf);
  return out;
}

/// Record and salt.
Result<std::pair<std::string, std::string>> TransparencyLog::unseal(const Read& read) const {
  if (read.kind == Kind::key)
    return fail(Code::not_found, "this leaf introduces a key; it is in every receipt after it");
  if (!read.atom)
    return std::pair(read.content.substr(sizeof(Digest)), read.content.substr(0, sizeof(Digest)));
  const auto key = doors_.keys.key(read.atom);
  if (!key && key.error().code == Code::not_found)
    return fail(
        Code::not_found, "the person of this leaf was erased: only who holds its receipt can show it"
    );
  const seal::Key secret = TRY(key);
  auto record = TRY(seal::open(secret, std::string(bound) + bytes_of(read.message), read.content));
  return std::pair(std::move(record), salt_of(secret, read.message));
}

std::optional<std::uint64_t> TransparencyLog::leaf_of(Hash128 message) const {
  const std::lock_guard lock(mutex_);
  const auto at = leaf_of_.find(message);
  return at == leaf_of_.end() ? std::nullopt : std::optional(at->second);
}

std::vector<std::uint64_t> TransparencyLog::leaves_of(AtomId atom) const {
  const std::lock_guard lock(mutex_);
  const auto at = leaves_of_.find(atom);
  return at == leaves_of_.end() ? std::vector<std::uint64_t>() : at->second;
}

Result<std::string> TransparencyLog::receipt(Hash128 message) const {
  const auto leaf = leaf_of(message);
  if (!leaf) return fail(Code::not_found, "no receipt was given for this");
  return receipt_at(*leaf);
}

Result<TransparencyLog::Read> TransparencyLog::read_leaf(std::uint64_t leaf) const {
  Position before;
  {
    const std::lock_guard lock(durable_mutex_);
    if (leaf >= published_.size)
      return fail(
          Code::not_found, "the log has " + std::to_string(published_.size) + " leaves, from 0"
      );
    before = tile_from_[leaf / Tree::tile_leaves];
  }
  const std::size_t place = leaf % Tree::tile_leaves;
  auto tile = TRY(read_tile(before, place + 1));
  if (tile.size() <= place) return damaged("lacks a leaf that it had");
  return std::move(tile[place]);
}

Result<std::string> TransparencyLog::record(std::uint64_t leaf) const {
  const Read read = TRY(read_leaf(leaf));
  return TRY(unseal(read)).first;
}

Result<std::string> TransparencyLog::receipt_at(std::uint64_t leaf) const {
  const Read read = TRY(read_leaf(leaf));
  auto [record, salt] = TRY(unseal(read));
  Receipt out{.record = std::move(record), .salt = std::move(salt), .leaf = leaf};
  const std::lock_guard lock(mutex_);
  Published published;
  {
    const std::lock_guard durable(durable_mutex_);
    published = published_;
  }
  out.checkpoint = published.note;
  out.proof = TRY(tree_.inclusion(leaf, published.size));
  // A key that was introduced after this checkpoint did not sign it.
  for (std::size_t i = 0; i < chain_.size(); ++i) {
    out.keys.push_back(key_notes_[i]);
    if (open_checkpoint(published.note, chain_[i])) break;
  }
  return out.json();
}

std::string TransparencyLog::checkpoint() const {
  const std::lock_guard lock(durable_mutex_);
  return published_.note;
}

std::vector<std::string> TransparencyLog::keys() const {
  const std::lock_guard lock(mutex_);
  return key_notes_;
}

std::string TransparencyLog::origin() const {
  const std::lock_guard lock(mutex_);
  return chain_.front().name;
}

Result<std::string> TransparencyLog::growth(std::uint64_t from) const {
  const std::lock_guard lock(mutex_);
  Published published;
  {
    const std::lock_guard durable(durable_mutex_);
    published = published_;
  }
  const auto proof = TRY(tree_.consistency(from, published.size));
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < chain_.size(); ++i) {
    notes.push_back(key_notes_[i]);
    if (open_checkpoint(published.note, chain_[i])) break;
  }
  return growth_json(from, proof, published.note, notes);
}

std::uint64_t TransparencyLog::size() const {
  const std::lock_guard lock(durable_mutex_);
  return published_.size;
}

Status TransparencyLog::health() const {
  {
    const std::lock_guard lock(mutex_);
    TRY(failed_);
  }
  return log_->health();
}

void TransparencyLog::close() {
  if (log_) log_->close();
}

}  // namespace hospes::receipt
