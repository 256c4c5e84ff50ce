#include "receipt/receipt.h"

#include <charconv>

#include "receipt/canonical.h"
#include "receipt/merkle.h"

namespace hospes::receipt {
namespace {

constexpr std::string_view key_head = "hospes key 1\n";
constexpr std::size_t proof_max = 64;  // a tree of 2^64 leaves
constexpr std::size_t keys_max = 64;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    if (end == text.npos) return {};
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Code::corrupt, std::string(what));
}

std::vector<std::string> spelled(const std::vector<Digest>& proof) {
  std::vector<std::string> out;
  for (const Digest& d : proof) out.push_back(base64(view_of(d)));
  return out;
}

Result<std::vector<Digest>> digests_of(std::string_view json) {
  std::vector<Digest> out;
  for (const std::string& text : TRY(texts_of(json))) {
    const auto digest = digest_read(text);
    if (!digest || out.size() == proof_max) return wrong("its proof is not made of digests");
    out.push_back(*digest);
  }
  return out;
}

/// Exactly these members.
Result<Members> read_exactly(std::string_view json, std::initializer_list<std::string_view> keys) {
  auto members = TRY(read_members(json));
  for (const std::string_view key : keys) {
    if (!members.of.contains(key))
      return fail(Code::invalid_input, std::string("it has no ").append(key));
  }
  if (members.of.size() == keys.size()) return members;
  return fail(Code::invalid_input, "it has more members than such a receipt");
}

/// Its text and the key that this note introduces.
std::optional<Verifier> introduced(std::string_view text) {
  if (!text.starts_with(key_head)) return std::nullopt;
  const auto lines = lines_of(text.substr(key_head.size()));
  if (lines.size() != 3 || !parse_instant(lines[2])) return std::nullopt;
  const auto out = parse_verifier(lines[1]);
  if (!out || out->name != lines[0]) return std::nullopt;
  return out;
}

}  // namespace

std::string Receipt::json() const {
  return Canonical()
      .text("checkpoint", checkpoint)
      .texts("keys", keys)
      .number("leaf", leaf)
      .texts("proof", spelled(proof))
      .number("receipt", 1)
      .raw("record", record)
      .text("salt", base64(salt))
      .done();
}

std::string salted(std::string_view salt, std::string_view record) {
  return std::string(view_of(hmac(salt, record)));
}

std::string Checkpoint::text() const {
  return origin + '\n' + std::to_string(size) + '\n' + base64(view_of(root)) + '\n';
}

std::optional<Checkpoint> open_checkpoint(std::string_view note, const Verifier& who) {
  const auto text = open_note(note, who);
  if (!text) return std::nullopt;
  const auto lines = lines_of(*text);
  if (lines.size() != 3 || lines[0] != who.name) return std::nullopt;
  Checkpoint out{.origin = std::string(lines[0])};
  const auto root = digest_read(lines[2]);
  std::from_chars(lines[1].data(), lines[1].data() + lines[1].size(), out.size);
  if (!root) return std::nullopt;
  out.root = *root;
  if (out.text() != *text) return std::nullopt;
  return out;
}

std::string introduce(const Verifier& key, Instant since) {
  return std::string(key_head) + key.name + '\n' + key.text() + '\n' + to_string(since) + '\n';
}

Result<std::vector<Verifier>> key_chain(const std::vector<std::string>& notes) {
  if (notes.empty() || notes.size() > keys_max) return wrong("it names no keys, or too many");
  std::vector<Verifier> out;
  for (const std::string& note : notes) {
    const auto end = note.find("\n\n");
    const auto fresh =
        end == note.npos ? std::nullopt : introduced(std::string_view(note).substr(0, end + 1));
    if (!fresh || (!out.empty() && fresh->name != out.front().name))
      return wrong("one of its keys is not introduced as a key of this log");
    if (!open_note(note, out.empty() ? *fresh : out.back()))
      return wrong("one of its keys is not signed by the key before it");
    out.push_back(*fresh);
  }
  return out;
}

Result<Proved> verify(std::string_view json) {
  const auto in = TRY(read_exactly(
      json, {"checkpoint", "keys", "leaf", "proof", "receipt", "record", "salt"}
  )).of;
  const auto member = [&](std::string_view key) -> const std::string& {
    return in.find(key)->second;
  };
  if (member("receipt") != "1")
    return fail(Code::invalid_input, "it is a receipt of another version than 1");
  Proved out{.record = member("record")};
  out.leaf = TRY(number_of(member("leaf")));
  const auto notes = TRY(texts_of(member("keys")));
  out.keys = TRY(key_chain(notes));
  const auto note = TRY(text_of(member("checkpoint")));
  const auto checkpoint = open_checkpoint(note, out.keys.back());
  if (!checkpoint) return wrong("its checkpoint is not signed by the last of its keys");
  out.checkpoint = *checkpoint;
  const auto spelled_salt = TRY(text_of(member("salt")));
  const auto salt = base64_read(spelled_salt);
  if (!salt || salt->size() != sizeof(Digest)) return wrong("its salt is not 32 bytes");
  if (!out.record.starts_with('{')) return wrong("its record is no object");
  const auto proof = TRY(digests_of(member("proof")));
  if (!verify_inclusion(
          leaf_hash(salted(*salt, out.record)), out.leaf, out.checkpoint.size, proof,
          out.checkpoint.root
      ))
    return wrong("its record does not stand in the log where it says");
  return out;
}

std::string growth_json(
    std::uint64_t from, const std::vector<Digest>& proof, const std::string& checkpoint,
    const std::vector<std::string>& keys
) {
  return Canonical()
      .text("checkpoint", checkpoint)
      .number("from", from)
      .texts("keys", keys)
      .texts("proof", spelled(proof))
      .done();
}

Result<Checkpoint> verify_growth(const Proved& proved, std::string_view growth) {
  const auto in = TRY(read_exactly(growth, {"checkpoint", "from", "keys", "proof"})).of;
  const auto notes = TRY(texts_of(in.find("keys")->second));
  const auto keys = TRY(key_chain(notes));
  if (keys.size() < proved.keys.size() ||
      !std::equal(proved.keys.begin(), proved.keys.end(), keys.begin()))
    return wrong("the house now names other keys than those the receipt knows");
  const auto note = TRY(text_of(in.find("checkpoint")->second));
  const auto later = open_checkpoint(note, keys.back());
  if (!later) return wrong("the later checkpoint is not signed by the last of its keys");
  const std::uint64_t from = TRY(number_of(in.find("from")->second));
  const auto proof = TRY(digests_of(in.find("proof")->second));
  if (from != proved.checkpoint.size)
    return fail(
        Code::invalid_input, "it starts from another size than the receipt's checkpoint; ask with from=" +
                                 std::to_string(proved.checkpoint.size)
    );
  if (!verify_consistency(
          from, proved.checkpoint.root, later->size, later->root, proof
      ))
    return wrong("the house's log today is not the one that the receipt saw, grown");
  return *later;
}

}  // namespace hospes::receipt
