import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Command, ShowSnapshot } from "../server/show.ts";
import type { SidedRecord, TimelineId, TimelinePart } from "../server/story-player.ts";

/** A play's records so far, in a list that grows, and when the page learnt of its beginning (`performance.now()`). */
export interface Timeline {
  readonly play: number;
  readonly beganAt: number;
  readonly records: SidedRecord[];
}

/** What the page knows. */
export interface PageState {
  readonly snapshot: ShowSnapshot | undefined;
  readonly isLost: boolean;
  readonly timelines: Readonly<Partial<Record<TimelineId, Timeline>>>;
}

/** The page's connection: messages of what happens, and commands. */
export interface Connection {
  /** Carries out what a button asks for. */
  send(command: Command): Promise<void>;
  close(): void;
}

/** Begins to send messages to the page. */
export type Connect = (onState: (state: PageState) => void) => Connection;

/** Follows the messages of the server that this page comes from. */
export const connect: Connect = (onState) => {
  let state: PageState = { snapshot: undefined, isLost: false, timelines: {} };
  const change = (changes: Partial<PageState>) => {
    state = { ...state, ...changes };
    onState(state);
  };
  const events = new EventSource("/events");
  // After a lost connection the server sends everything again.
  events.addEventListener("open", () => change({ isLost: false, timelines: {} }));
  events.addEventListener("error", () => change({ isLost: true }));
  events.addEventListener("message", ({ data }) => change({ snapshot: JSON.parse(data) }));
  events.addEventListener("timeline", ({ data }) => {
    const part = JSON.parse(data) as TimelinePart;
    change({ timelines: { ...state.timelines, [part.chapter]: extended(state.timelines[part.chapter], part) } });
  });
  return { send, close: () => events.close() };
};

function extended(known: Timeline | undefined, { play, records }: TimelinePart): Timeline {
  if (known?.play !== play) return { play, beganAt: performance.now(), records: [...records] };
  known.records.push(...records);
  return { ...known };
}

async function send(command: Command): Promise<void> {
  const headers = { "content-type": "application/json" };
  try {
    await (await fetch("/actions", { method: "POST", headers, body: JSON.stringify(command) })).text();
  } catch {
    // A lost connection shows in the corner.
  }
}

const SendContext = createContext<Connection["send"]>(async () => {});

export const SendProvider = SendContext.Provider;

/** Sends the buttons' commands. */
export function useSend(): Connection["send"] {
  return useContext(SendContext);
}
