import type { ChapterId } from "../../chapters/chapter-ids.ts";
import type { SidedRecord, StorySnapshot, TimelinePart } from "../../server/story-player.ts";
import type { Connect, PageState } from "../connection.ts";

/** A recorded play of each chapter. */
export interface Recording {
  readonly story: StorySnapshot;
  readonly timelines: readonly TimelinePart[];
}

const EVERY_MS = 50;

/** Replays the recording at its original speed, without a server. */
export function replaying(recording: Recording): Connect {
  return (onState) => {
    let state = beginning(recording);
    let timer: ReturnType<typeof setInterval> | undefined;
    let plays = 0;
    const change = (timelines: PageState["timelines"], story: Partial<StorySnapshot>) => {
      if (state.snapshot?.story === undefined) return;
      const snapshot = { ...state.snapshot, story: { ...state.snapshot.story, ...story } };
      state = { ...state, snapshot, timelines };
      onState(state);
    };

    const play = (id: ChapterId) => {
      const unheard = recording.timelines
        .filter(({ chapter }) => chapter === id)
        .flatMap(({ records }) => records)
        .toSorted((a, b) => heardAt(a) - heardAt(b));
      plays += 1;
      const timeline = { play: plays, beganAt: performance.now(), records: [] as SidedRecord[] };
      const { [id]: _earlier, ...others } = state.snapshot?.story?.outcomes ?? {};
      change({ ...state.timelines, [id]: timeline }, { playing: id, outcomes: others });
      timer = setInterval(() => {
        const elapsed = performance.now() - timeline.beganAt;
        const due = unheard.findIndex((record) => heardAt(record) > elapsed);
        timeline.records.push(...unheard.splice(0, due === -1 ? unheard.length : due));
        const timelines = { ...state.timelines, [id]: { ...timeline } };
        if (unheard.length > 0) return change(timelines, {});
        clearInterval(timer);
        const recorded = recording.story.outcomes[id];
        change(timelines, { playing: undefined, outcomes: { ...others, ...(recorded && { [id]: recorded }) } });
      }, EVERY_MS);
    };

    onState(state);
    return {
      async send({ action, chapter }) {
        const known = recording.story.chapters.find(({ id }) => id === chapter);
        if (action === "play" && known !== undefined && state.snapshot?.story?.playing === undefined) play(known.id);
      },
      close: () => clearInterval(timer),
    };
  };
}

/** When the page of the recorded run received it. */
function heardAt([, record]: SidedRecord): number {
  return "to" in record ? record.to : record.at;
}

function beginning({ story }: Recording): PageState {
  return {
    isLost: false,
    timelines: {},
    snapshot: {
      live: false,
      clock: { client: 0, server: undefined },
      cards: [],
      journal: [],
      story: { ...story, playing: undefined, outcomes: {} },
      processes: undefined,
    },
  };
}
