#include "intake/supply.h"

#include <algorithm>

#include "intake/compose.h"
#include "intake/ndjson.h"

namespace hospes::intake {
namespace {

/// Takes what one line came to; false when the batch is full.
bool add(Batch& batch, std::uint64_t line, std::size_t items, std::optional<Unfit> unfit) {
  batch.last_line = line;
  ++batch.rows;
  if (unfit) batch.unfit.push_back({line, std::move(unfit->code), std::move(unfit->reason)});
  batch.lines.insert(batch.lines.end(), items, line);
  return batch.lines.size() < batch_items_max && batch.unfit.size() < batch_items_max &&
         batch.items.size() < batch_bytes_max;
}

/// Room for one more item.
void part(Batch& batch) {
  if (!batch.items.empty() && batch.items.back() != ',') batch.items += ',';
}

/// False when nothing was left.
bool close(Batch& batch, double share) {
  if (batch.items.ends_with(',')) batch.items.pop_back();
  batch.share = share;
  return batch.last_line > 0;
}

class TableSupply final : public Supply {
 public:
  TableSupply(RowStream rows, Composer composer)
      : rows_(std::move(rows)), composer_(std::move(composer)) {}

  Result<bool> next(std::uint64_t after, Batch& out) override {
    while (TRY(rows_.next(cells_))) {
      if (rows_.number() <= after) continue;
      part(out);
      std::size_t items = 0;
      auto unfit = composer_.row(cells_, rows_.number(), out.items, items);
      if (!add(out, rows_.number(), items, std::move(unfit))) break;
    }
    return close(out, rows_.share());
  }

 private:
  RowStream rows_;
  Composer composer_;
  std::vector<std::string_view> cells_;
};

class LineSupply final : public Supply {
 public:
  LineSupply(Lines lines, const Manifest& manifest, std::string at, std::string id_root)
      : lines_(std::move(lines)), events_(manifest, std::move(at), std::move(id_root)) {}

  Result<bool> next(std::uint64_t after, Batch& out) override {
    for (std::string_view line;;) {
      const Next got = TRY(lines_.next(line));
      if (got == Next::end) break;
      if (lines_.number() <= after) continue;
      part(out);
      auto unfit = got == Next::too_long
                       ? Unfit{"line_too_long", "the line is over 1 MB; an event has at most 128 kB"}
                       : events_.line(line, lines_.number(), out.items);
      const std::size_t items = unfit ? 0 : 1;
      if (!add(out, lines_.number(), items, std::move(unfit))) break;
    }
    return close(out, lines_.share());
  }

 private:
  Lines lines_;
  EventLines events_;
};

class TakenSupply final : public Supply {
 public:
  TakenSupply(const Takeaway& takeaway, bool own, const Manifest& manifest, std::string id_root)
      : house_(takeaway.house), lines_(takeaway.lines), own_(own), events_(manifest, "", std::move(id_root)) {
    lines_.append(64, ' ');  // as simdjson wants
  }

  Result<bool> next(std::uint64_t after, Batch& out) override {
    const std::string_view all = std::string_view(lines_).substr(0, lines_.size() - 64);
    while (at_ < all.size()) {
      const std::string_view line = all.substr(at_, all.find('\n', at_) - at_);
      at_ += line.size() + 1;
      if (++number_ <= after || line.empty()) continue;
      part(out);
      auto unfit = own_ ? events_.line(line, number_, out.items) : events_.line_of(house_, line, number_, out.items);
      const std::size_t items = unfit ? 0 : 1;
      if (!add(out, number_, items, std::move(unfit))) break;
    }
    return close(out, all.empty() ? 1 : static_cast<double>(std::min(at_, all.size())) / static_cast<double>(all.size()));
  }

 private:
  std::string house_, lines_;
  const bool own_;
  EventLines events_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<Supply> supply_takeaway(
    const Takeaway& takeaway, bool own, const Manifest& manifest, const std::string& id_root
) {
  return std::make_unique<TakenSupply>(takeaway, own, manifest, id_root);
}

Result<std::unique_ptr<Supply>> supply_table(
    const std::string& path, const TableFacts& facts, const Layout& layout,
    const Manifest& manifest, const std::string& id_root
) {
  Composer composer(layout, manifest, *TRY(zones::named(layout.zone)), id_root);
  return std::make_unique<TableSupply>(TRY(rows_of(path, facts)), std::move(composer));
}

Result<std::unique_ptr<Supply>> supply_lines(
    const std::string& path, const Manifest& manifest, const std::string& at,
    const std::string& id_root
) {
  return std::make_unique<LineSupply>(
      Lines(TRY(TextFile::open(path))), manifest, at, id_root
  );
}

}  // namespace hospes::intake
