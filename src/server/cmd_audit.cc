// hospes audit: who of the house did what, each line proved to stand in the transparency log.
#include <fmt/format.h>

#include "receipt/receipt.h"
#include "server/asking.h"
#include "server/command.h"
#include "server/staff_commands.h"

namespace hospes::server {
namespace {

struct AuditAsk {
  AskOptions house;
  std::string after, limit, account;
};

/// The record of the leaf as its receipt proves it; corrupt when it is another.
Status proved(const House& house, const std::string& leaf, const std::string& at, const std::string& act) {
  const std::string text = TRY(get(house, "/v1/receipts/" + leaf));
  const receipt::Proved proof = TRY(receipt::verify(text));
  const Json record = TRY(Json::parse(proof.record));
  if (std::to_string(proof.leaf) == leaf && record["at"].text() == at && record["act"].text() == act) return {};
  return fail(Code::corrupt, "leaf " + leaf + " proves something else than the list says");
}

int audit(const Globals& globals, const AuditAsk& wanted) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  std::string target = "/v1/audit/log?limit=" + (wanted.limit.empty() ? "100" : url_escaped(wanted.limit));
  if (!wanted.after.empty()) target += "&after=" + url_escaped(wanted.after);
  const auto body = get(*house, target);
  if (!body) return report(body.error());
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  std::size_t lines = 0;
  for (const Json& e : (*answer)["entries"].items()) {
    const Json r = e["record"];
    if (!wanted.account.empty() && r["account"].text() != wanted.account) continue;
    if (const Status ok = proved(*house, e["leaf"].text(), r["at"].text(), r["act"].text()); !ok)
      return report(ok.error());
    ++lines;
    if (globals.json) continue;
    const std::string_view kind = r["kind"].text();
    fmt::print(
        "{:>6}  {}  {:<12} {:<10} {:<16} {} {}\n", e["leaf"].text(), r["at"].text(), r["account"].text(),
        r["role"].text(), kind == "staff" ? r["act"].text() : std::string(kind), r["of"].text(), r["what"].text()
    );
  }
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  fmt::print(
      fmt::runtime(globals.say(
          "{} lines, each proved to stand in the log; compare its checkpoint with one you kept:\n{}",
          "{} lignes, chacune prouvée dans le journal ; comparez son point de contrôle à celui que vous gardez :\n{}"
      )),
      lines, (*answer)["checkpoint"].text()
  );
  return exit_done;
}

}  // namespace

void add_audit(Command hospes) {
  const auto wanted = std::make_shared<AuditAsk>();
  const Command command = hospes.command({"audit",
       "Lists who of the house did what: sign-ins, locks, roles, reads of people, exports, approvals, changes. Each line "
       "is proved to stand in the log of receipts.",
       "Donne qui, de la maison, a fait quoi : entrées, blocages, rôles, lectures de personnes, exports, accords, "
       "changements. Chaque ligne est prouvée dans le journal des reçus.",
       "hospes audit\n"
       "hospes audit --account lea\n"
       "hospes audit --after 1200 --limit 1000 --json\n"
       "A line that does not prove is an error (exit 3). What a person was told of a look: on their own pages.",
       "hospes audit\n"
       "hospes audit --account lea\n"
       "hospes audit --after 1200 --limit 1000 --json\n"
       "Une ligne qui ne se prouve pas est une erreur (code 3). Ce que la personne en lit : sur ses pages."});
  command.option("--account", wanted->account, "of one account alone", "d'un seul compte");
  command.option("--after", wanted->after, "from this leaf on, oldest first; else the newest", "à partir de cette feuille ; sinon les dernières");
  command.option("--limit", wanted->limit, "at most so many lines read; else 100", "au plus tant de lignes lues ; sinon 100");
  add_ask_options(command, wanted->house);
  command.run(wanted, audit);
}

}  // namespace hospes::server
