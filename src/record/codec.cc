#include "record/codec.h"

#include "seal/envelope.h"

namespace hospes::record {
namespace {

// record  = version:u8 kind:u8 flags:u8 stamp:i64 [origin] [to] body
// flags   = 1 origin present, 2 addressee present
// origin  = partition:u16 epoch:u32 offset:u64 index:u32
// Sealed bodies: the plain header (all bytes before the sealed part) is the associated data.
constexpr std::uint8_t has_origin = 1;
constexpr std::uint8_t has_to = 2;

constexpr std::size_t list_max =
    65'536;  // of any list in a record; the door's limits are far below

void write_position(Writer& out, Position p) {
  out.u32(p.epoch);
  out.u64(p.offset);
}

Position read_position(Reader& in) {
  Position p;
  p.epoch = in.u32();
  p.offset = in.u64();
  return p;
}

/// Everything in `out` so far is the header.
Status seal_under(AtomId atom, std::string_view plain, std::string& out, seal::KeyStore& keys) {
  const seal::Key key = TRY(keys.key(atom));
  const std::size_t header = out.size();
  // In place: a record is encoded for every event.
  constexpr std::size_t length_bytes_max = 10;
  out.reserve(header + length_bytes_max + seal::overhead_bytes + plain.size());
  Writer(out).varint(plain.size() + seal::overhead_bytes);
  seal::seal(key, std::string_view(out).substr(0, header), plain, out);
  return {};
}

/// Opens what stands at the reader. `header` is everything before it.
Result<std::string> open_under(
    AtomId atom, std::string_view header, Reader& in, seal::KeyStore& keys
) {
  const std::string_view sealed = in.text();
  if (!in.ok()) return fail(Code::corrupt, "a record ends within its sealed part");
  const seal::Key key = TRY(keys.key(atom));
  return seal::open(key, header, sealed);
}

void write_event_header(Writer& out, const Event& e) {
  write_atom(out, e.anchor);
  write_atom(out, e.owner);
  write_hash(out, e.message);
  out.u64(e.mask);
  out.i64(e.happened.us);
  out.i64(e.received.us);
  out.u8(e.flags);
  out.u8(static_cast<std::uint8_t>(e.type));
}

void read_event_header(Reader& in, Event& e) {
  e.anchor = read_atom(in);
  e.owner = read_atom(in);
  e.message = read_hash(in);
  e.mask = in.u64();
  e.happened.us = in.i64();
  e.received.us = in.i64();
  e.flags = in.u8();
  e.type = static_cast<EventType>(in.u8());
}

/// Valid until the thread's next call.
std::string_view event_body(const Arrived& arrived, const Names& names) {
  const Event& e = arrived.event;
  thread_local std::string plain;
  plain.clear();
  Writer out(plain);
  out.u8(static_cast<std::uint8_t>(e.grade));
  out.text(names.text(e.name));
  out.text(names.text(e.source));
  out.i64(e.original.us);
  out.i64(e.sent.us);
  out.text(e.message_id);
  out.varint(e.others.size());
  for (const Atom& a : e.others) write_atom(out, a);
  out.varint(e.opened.size());
  for (const OpenedBy& o : e.opened) {
    out.u8(o.purpose);
    write_id(out, o.atom);
  }
  out.varint(arrived.references.size());
  for (const Hash128& h : arrived.references) write_hash(out, h);
  write_properties(out, e.properties, names);
  return plain;
}

Status read_event_body(std::string_view plain, Arrived& arrived, Names& names) {
  Reader in(plain);
  Event& e = arrived.event;
  e.grade = static_cast<Grade>(in.u8());
  e.name = TRY(names.intern(in.text()));
  e.source = TRY(names.intern(in.text()));
  e.original.us = in.i64();
  e.sent.us = in.i64();
  e.message_id = in.text();
  for (auto n = in.varint(); n > 0 && in.ok() && e.others.size() < list_max; --n) {
    e.others.push_back(read_atom(in));
  }
  for (auto n = in.varint(); n > 0 && in.ok() && e.opened.size() < list_max; --n) {
    const PurposeBit purpose = in.u8();
    e.opened.push_back({purpose, read_id(in)});
  }
  for (auto n = in.varint(); n > 0 && in.ok() && arrived.references.size() < list_max; --n) {
    arrived.references.push_back(read_hash(in));
  }
  e.properties = TRY(read_properties(in, names));
  if (!in.done()) return fail(Code::corrupt, "an event's sealed body does not end where it should");
  return {};
}

struct Encoder {
  std::string& out;
  const Names& names;
  seal::KeyStore& keys;

  Status operator()(const Arrived& a) {
    Writer w(out);
    write_event_header(w, a.event);
    return seal_under(a.event.owner.id, event_body(a, names), out, keys);
  }
  Status operator()(const Answered& a) {
    Writer w(out);
    write_atom(w, a.atom);
    w.u8(a.purpose);
    w.u8(a.state);
    w.i64(a.since.us);
    w.i64(a.until.us);
    write_hash(w, a.message);
    std::string plain;
    Writer p(plain);
    for (const std::string* s :
         {&a.source, &a.notice_id, &a.notice_version, &a.notice_lang, &a.proof})
      p.text(*s);
    p.i64(a.acted.us);
    write_position(p, a.position);
    return seal_under(a.atom.id, plain, out, keys);
  }
  Status operator()(const Link& l) {
    Writer w(out);
    write_component(w, l.from);
    write_atom(w, l.wanted);
    write_atom(w, l.by);
    return {};
  }
  Status operator()(const Invite& i) {
    Writer w(out);
    write_component(w, i.winner);
    return {};
  }
  Status operator()(const Bundle& b) {
    Writer w(out);
    write_component(w, b.from);
    w.text(b.edges);
    w.varint(b.atoms.size());
    for (const Moved& m : b.atoms) {
      write_atom(w, m.atom);
      // Each atom's part is bound to what stands before it: parts cannot change places.
      if (Status done = seal_under(m.atom.id, m.content, out, keys); !done) {
        if (done.error().code != Code::not_found) return done;
        w.text({});  // its key is gone: nothing of it travels on
      }
    }
    return {};
  }
  Status operator()(const Repoint& r) {
    Writer w(out);
    write_id(w, r.atom);
    write_component(w, r.component);
    return {};
  }
  Status operator()(const Defined& d) {
    Writer w(out);
    w.u64(d.version);
    w.i64(d.active_at.us);
    w.text(d.segments);
    w.text(d.actions);
    w.text(d.journeys);
    w.text(d.decisions);
    w.text(d.retention);
    return {};
  }
  Status operator()(const Tick&) { return {}; }
  Status operator()(const Erased& e) {
    Writer w(out);
    write_id(w, e.atom);
    return {};
  }
  Status operator()(const Ruled& r) {
    Writer w(out);
    write_atom(w, r.a);
    write_atom(w, r.b);
    w.u8(static_cast<std::uint8_t>(r.word));
    w.u8(r.by);
    write_hash(w, r.message);
    w.i64(r.acted.us);
    write_position(w, r.position);
    return {};
  }
  Status operator()(const Forgotten& f) {
    Writer w(out);
    write_atom(w, f.atom);
    write_hash(w, f.message);
    w.varint(f.edges.size());
    for (const Forgotten::Edge& e : f.edges) {
      write_id(w, e.other);
      w.u8(static_cast<std::uint8_t>(e.grade));
      w.i64(e.start.us);
    }
    write_hash(w, f.tombstone);
    w.u8(f.if_lapsed ? 1 : 0);
    return {};
  }
  Status operator()(const Claimed& c) {
    Writer w(out);
    write_atom(w, c.anchor);
    write_hash(w, c.effect);
    w.u32(c.attempt);
    return {};
  }
  Status operator()(const Performed& p) {
    Writer w(out);
    write_atom(w, p.anchor);
    write_hash(w, p.effect);
    w.u32(p.attempt);
    w.u8(static_cast<std::uint8_t>(p.outcome));
    w.u8(p.reason);
    w.u16(p.status);
    for (const Instant at : {p.due, p.since, p.released}) w.i64(at.us);
    w.text(p.source);
    write_position(w, p.read);
    return {};
  }
  Status operator()(const Witnessed& s) {
    Writer w(out);
    write_atom(w, s.atom);
    write_hash(w, s.message);
    w.u8(static_cast<std::uint8_t>(s.what));
    if (s.atom.id) return seal_under(s.atom.id, s.content, out, keys);
    w.text(s.content);
    return {};
  }
  Status operator()(const Took& t) {
    Writer w(out);
    w.text(t.offer);
    write_hash(w, t.decision);
    return {};
  }
  Status operator()(const SoldOut& s) {
    Writer w(out);
    w.text(s.offer);
    w.u64(s.taken);
    return {};
  }
  Status operator()(const Levelled& l) {
    Writer w(out);
    write_atom(w, l.atom);
    write_hash(w, l.message);
    std::string plain;
    Writer p(plain);
    p.u8(l.level);
    p.text(l.source);
    return seal_under(l.atom.id, plain, out, keys);
  }
  Status operator()(const Requested& r) {
    Writer w(out);
    write_atom(w, r.atom);
    write_hash(w, r.message);
    return seal_under(r.atom.id, r.content, out, keys);
  }
};

struct Decoder {
  std::string_view bytes;
  Reader& in;
  Names& names;
  seal::KeyStore& keys;

  std::string_view before() const { return bytes.substr(0, bytes.size() - in.rest().size()); }

  Result<Body> erased_or(AtomId atom, const Error& error) const {
    if (error.code == Code::not_found) return Body(Erased{atom});
    return std::unexpected(error);
  }
  Result<Body> arrived() {
    Arrived a;
    read_event_header(in, a.event);
    auto plain = open_under(a.event.owner.id, before(), in, keys);
    if (!plain) return erased_or(a.event.owner.id, plain.error());
    TRY(read_event_body(*plain, a, names));
    return Body(std::move(a));
  }
  Result<Body> answered() {
    Answered a;
    a.atom = read_atom(in);
    a.purpose = in.u8();
    a.state = in.u8();
    a.since.us = in.i64();
    a.until.us = in.i64();
    a.message = read_hash(in);
    auto plain = open_under(a.atom.id, before(), in, keys);
    if (!plain) return erased_or(a.atom.id, plain.error());
    Reader p(*plain);
    for (std::string* s : {&a.source, &a.notice_id, &a.notice_version, &a.notice_lang, &a.proof})
      *s = p.text();
    if (!p.done()) {  // the first hospes did not write these two
      a.acted.us = p.i64();
      a.position = read_position(p);
    }
    if (!p.done())
      return fail(Code::corrupt, "an answer's sealed body does not end where it should");
    return Body(std::move(a));
  }
  Result<Body> bundle() {
    Bundle b;
    b.from = read_component(in);
    b.edges = in.text();
    for (auto n = in.varint(); n > 0 && in.ok(); --n) {
      Moved m;
      m.atom = read_atom(in);
      auto content = open_under(m.atom.id, before(), in, keys);
      if (content) {
        m.content = std::move(*content);
        b.atoms.push_back(std::move(m));
      } else if (content.error().code != Code::not_found) {
        return std::unexpected(content.error());
      }
    }
    return Body(std::move(b));
  }
  Body ruled() {
    Ruled r;
    r.a = read_atom(in);
    r.b = read_atom(in);
    r.word = static_cast<Ruled::Word>(in.u8());
    r.by = in.u8();
    r.message = read_hash(in);
    r.acted.us = in.i64();
    r.position = read_position(in);
    return r;
  }
  Body forgotten() {
    Forgotten f;
    f.atom = read_atom(in);
    f.message = read_hash(in);
    for (auto n = in.varint(); n > 0 && in.ok() && f.edges.size() < list_max; --n) {
      Forgotten::Edge& e = f.edges.emplace_back();
      e.other = read_id(in);
      e.grade = static_cast<Grade>(in.u8());
      e.start.us = in.i64();
    }
    if (!in.done()) f.tombstone = read_hash(in);  // the first hospes did not write it
    if (!in.done()) f.if_lapsed = in.u8() != 0;
    return f;
  }
  Body claimed() {
    Claimed c;
    c.anchor = read_atom(in);
    c.effect = read_hash(in);
    c.attempt = in.u32();
    return c;
  }
  Result<Body> performed() {
    Performed p;
    p.anchor = read_atom(in);
    p.effect = read_hash(in);
    p.attempt = in.u32();
    const std::uint8_t outcome = in.u8();
    if (outcome > static_cast<std::uint8_t>(Performed::Outcome::anew))
      return fail(Code::corrupt, "a result of an effect is of unknown kind");
    p.outcome = static_cast<Performed::Outcome>(outcome);
    p.reason = in.u8();
    p.status = in.u16();
    for (Instant* at : {&p.due, &p.since, &p.released}) at->us = in.i64();
    p.source = in.text();
    p.read = read_position(in);
    return Body(std::move(p));
  }
  Result<Body> witnessed() {
    Witnessed w;
    w.atom = read_atom(in);
    w.message = read_hash(in);
    const std::uint8_t what = in.u8();
    if (what > static_cast<std::uint8_t>(Witnessed::What::feedback))
      return fail(Code::corrupt, "a word about a decision is of unknown kind");
    w.what = static_cast<Witnessed::What>(what);
    if (!w.atom.id) {
      w.content = in.text();
      return Body(std::move(w));
    }
    auto content = open_under(w.atom.id, before(), in, keys);
    if (!content) return erased_or(w.atom.id, content.error());
    w.content = std::move(*content);
    return Body(std::move(w));
  }
  Result<Body> levelled() {
    Levelled l;
    l.atom = read_atom(in);
    l.message = read_hash(in);
    auto plain = open_under(l.atom.id, before(), in, keys);
    if (!plain) return erased_or(l.atom.id, plain.error());
    Reader p(*plain);
    l.level = p.u8();
    l.source = p.text();
    if (!p.done()) return fail(Code::corrupt, "a level's sealed body does not end where it should");
    return Body(std::move(l));
  }
  Result<Body> requested() {
    Requested r;
    r.atom = read_atom(in);
    r.message = read_hash(in);
    auto content = open_under(r.atom.id, before(), in, keys);
    if (!content) return erased_or(r.atom.id, content.error());
    r.content = std::move(*content);
    return Body(std::move(r));
  }
  Body took() {
    Took t;
    t.offer = in.text();
    t.decision = read_hash(in);
    return t;
  }
  Body sold_out() {
    SoldOut s;
    s.offer = in.text();
    s.taken = in.u64();
    return s;
  }
  Result<Body> body(std::size_t kind) {
    switch (kind) {
      case 0:
        return arrived();
      case 1:
        return answered();
      case 2: {
        Link l;
        l.from = read_component(in);
        l.wanted = read_atom(in);
        if (!in.done()) l.by = read_atom(in);  // the first hospes did not write it
        return Body(l);
      }
      case 3:
        return Body(Invite{read_component(in)});
      case 4:
        return bundle();
      case 5: {
        Repoint r;
        r.atom = read_id(in);
        r.component = read_component(in);
        return Body(r);
      }
      case 6: {
        Defined d;
        d.version = in.u64();
        d.active_at.us = in.i64();
        d.segments = in.text();
        if (!in.done()) d.actions = in.text();  // the first hospes did not write these
        if (!in.done()) d.journeys = in.text();
        if (!in.done()) d.decisions = in.text();
        if (!in.done()) d.retention = in.text();
        return Body(std::move(d));
      }
      case 7:
        return Body(Tick{});
      case 8:
        return Body(Erased{read_id(in)});
      case 9:
        return ruled();
      case 10:
        return forgotten();
      case 11:
        return claimed();
      case 12:
        return performed();
      case 13:
        return witnessed();
      case 14:
        return took();
      case 15:
        return levelled();
      case 16:
        return requested();
      case 17:
        return sold_out();
      default:
        return fail(
            Code::corrupt, "record kind " + std::to_string(kind) + " is unknown to this version"
        );
    }
  }
};

}  // namespace

void write_id(Writer& out, AtomId id) {
  out.u64(id.hi);
  out.u64(id.lo);
}
AtomId read_id(Reader& in) {
  AtomId id;
  id.hi = in.u64();
  id.lo = in.u64();
  return id;
}
void write_atom(Writer& out, const Atom& atom) {
  write_id(out, atom.id);
  out.i64(atom.born.us);
  out.u8(atom.kind);
}
Atom read_atom(Reader& in) {
  Atom a;
  a.id = read_id(in);
  a.born.us = in.i64();
  a.kind = in.u8();
  return a;
}
void write_component(Writer& out, const ComponentId& id) {
  out.i64(id.born.us);
  write_id(out, id.atom);
}
ComponentId read_component(Reader& in) {
  ComponentId id;
  id.born.us = in.i64();
  id.atom = read_id(in);
  return id;
}

Result<std::string> encode(const Record& record, const Names& names, seal::KeyStore& keys) {
  std::string out;
  out.reserve(192);  // the longest plain header of an event
  Writer w(out);
  w.u8(format_version);
  w.u8(static_cast<std::uint8_t>(record.body.index()));
  w.u8(static_cast<std::uint8_t>((record.origin ? has_origin : 0) | (record.to ? has_to : 0)));
  w.i64(record.stamp.us);
  if (record.origin) {
    w.u16(record.origin->partition);
    write_position(w, record.origin->position);
    w.u32(record.origin->index);
  }
  if (record.to) write_component(w, *record.to);
  TRY(std::visit(Encoder{out, names, keys}, record.body));
  return out;
}

Result<Record> decode(std::string_view bytes, Names& names, seal::KeyStore& keys) {
  Reader in(bytes);
  if (const auto version = in.u8(); version != format_version) {
    return fail(
        Code::corrupt, "record version " + std::to_string(version) + " is unknown to this build"
    );
  }
  const std::uint8_t kind = in.u8();
  const std::uint8_t flags = in.u8();
  Record record;
  record.stamp.us = in.i64();
  if ((flags & has_origin) != 0) {
    record.origin.emplace();
    record.origin->partition = in.u16();
    record.origin->position = read_position(in);
    record.origin->index = in.u32();
  }
  if ((flags & has_to) != 0) record.to = read_component(in);
  record.body = TRY((Decoder{bytes, in, names, keys}.body(kind)));
  if (!in.done()) return fail(Code::corrupt, "a record does not end where it should");
  return record;
}

}  // namespace hospes::record
