// The address is the state of a page. `path` names the room and what it shows, `query` the rest: filters, open trees, tabs.

function parse(location: Location) {
  return { path: location.pathname, query: Object.fromEntries(new URLSearchParams(location.search)) };
}

function write(path: string, query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text ? `${path}?${text}` : path;
}

class Route {
  #now = $state(parse(location));

  constructor() {
    addEventListener("popstate", () => {
      this.#now = parse(location);
    });
    addEventListener("click", (event) => this.#click(event));
  }

  get path() {
    return this.#now.path;
  }
  get query() {
    return this.#now.query;
  }
  get address() {
    return write(this.#now.path, this.#now.query);
  }
  /** The part behind the room's name: "gold_circle" of /segments/gold_circle. */
  get rest(): string {
    return decode(this.#now.path.split("/").slice(2).join("/"));
  }

  go(address: string): void {
    if (address === this.address) return;
    history.pushState(null, "", address);
    this.#now = parse(location);
    scrollTo(0, 0);
  }

  /** Changes what the page shows of itself; null takes a key away. A `quick` change (typing) leaves no entry to go back to. */
  set(change: Record<string, string | null>, quick = false): void {
    const query = { ...this.#now.query };
    for (const [key, value] of Object.entries(change)) {
      if (value === null || value === "") delete query[key];
      else query[key] = value;
    }
    const address = write(this.#now.path, query);
    if (address === this.address) return;
    history[quick ? "replaceState" : "pushState"](null, "", address);
    this.#now = parse(location);
  }

  /** Links of our own change the page without loading it. */
  #click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || link.pathname.startsWith("/v1/") || link.hash) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const route = new Route();
