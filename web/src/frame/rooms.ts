// The rooms of the console. The side bar, the palette and the router read this list; a new room is a row.
import type { Component } from "svelte";
import type { IconName } from "../parts/Icon.svelte";
import type { en } from "../words/en.ts";

export interface Room {
  name: keyof typeof en.rooms;
  path: string;
  icon: IconName;
  /** Without this right of docs/staff.md there is nothing to see in it. */
  right?: string;
  /** Whether what stands behind the room's path is one thing of it (a segment, a person) or several rooms' own. */
  load: () => Promise<{ default: Component }>;
  one?: () => Promise<{ default: Component }>;
}

export const rooms: readonly Room[] = [
  { name: "home", path: "/", icon: "home", load: () => import("../rooms/home/Home.svelte") },
  { name: "live", path: "/live", icon: "live", right: "people", load: () => import("../rooms/live/Live.svelte") },
  {
    name: "segments", path: "/segments", icon: "segments",
    load: () => import("../rooms/segments/Segments.svelte"), one: () => import("../rooms/segments/One.svelte"),
  },
  {
    name: "journeys", path: "/journeys", icon: "journeys",
    load: () => import("../rooms/journeys/Journeys.svelte"), one: () => import("../rooms/journeys/One.svelte"),
  },
  {
    name: "campaigns", path: "/campaigns", icon: "campaigns",
    load: () => import("../rooms/campaigns/Campaigns.svelte"), one: () => import("../rooms/campaigns/Campaign.svelte"),
  },
  {
    name: "messages", path: "/messages", icon: "messages",
    load: () => import("../rooms/messages/Messages.svelte"), one: () => import("../rooms/messages/Message.svelte"),
  },
  { name: "decisions", path: "/decisions", icon: "decisions", load: () => import("../rooms/decisions/Decisions.svelte") },
  {
    name: "people", path: "/people", icon: "people", right: "person",
    load: () => import("../rooms/person/People.svelte"), one: () => import("../rooms/person/Person.svelte"),
  },
  {
    name: "insight", path: "/insight", icon: "insight",
    load: () => import("../rooms/insight/Cards.svelte"), one: () => import("../rooms/insight/Report.svelte"),
  },
  { name: "staff", path: "/staff", icon: "people", load: () => import("../rooms/staff/Staff.svelte") },
  { name: "sources", path: "/sources", icon: "sources", load: () => import("../rooms/sources/Sources.svelte") },
];

/** The room of a path, and whether one thing of it is meant; nothing when there is no such page. */
export function roomOf(path: string): { room: Room; one: boolean } | null {
  if (path === "/") return { room: rooms[0]!, one: false };
  const clean = path.replace(/\/$/, "");
  for (const room of rooms.slice(1)) {
    if (clean === room.path) return { room, one: false };
    if (room.one && path.startsWith(`${room.path}/`)) return { room, one: true };
  }
  return null;
}
