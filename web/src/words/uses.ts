// Of purposes that were closed, those that use an event's content: a page says what was missing, not the whole table. Writing to
// people, passing on, joining and training are asked for apart.

const apart = (purpose: string) => purpose.includes(":") || purpose === "link" || purpose === "train";

export function uses(purposes: readonly string[]): string[] {
  const found = purposes.filter((purpose) => !apart(purpose));
  return found.length ? found : [...purposes];
}
