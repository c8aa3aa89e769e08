import { type Fault, PROVIDERS, type Provider } from "@x/commerce-auth-emulator";
import { TokenError } from "@x/token-cache-core";
import type { Words } from "../chapters/words.ts";
import { eachProvider } from "../each-provider.ts";
import { everyPrintOf } from "./secret-watch.ts";
import { Stage } from "./stage.ts";
import { type Chapter, type Facts, holds, type Step, type Story, shown, type Value } from "./step.ts";

/** The outcome of one step. */
export interface StepResult {
  readonly name: string;
  readonly shows: Words;
  /** What happened and why. */
  readonly tells?: Words;
  readonly expected: Readonly<Record<string, Value>>;
  readonly seen: Facts;
  readonly held: boolean;
  /** Requests that reached each token endpoint during this step. */
  readonly tokenRequests: Readonly<Record<Provider, number>>;
  readonly expectedTokenRequests?: Readonly<Record<Provider, Value>>;
  readonly durationMs: number;
  /** Why it could not be played to its end. */
  readonly problem?: string;
}

/** The outcome of the story. */
export interface StoryResult {
  readonly held: boolean;
  /** What was not shown, and why. */
  readonly leftOut: readonly Words[];
  readonly steps: readonly StepResult[];
  /** Calls of `getToken` in all, and requests that reached each token endpoint in all. */
  readonly calls: number;
  readonly tokenRequests: Readonly<Record<Provider, number>>;
  readonly durationMs: number;
}

/** Callbacks for the story's progress. */
export interface Listener {
  chapter?(chapter: Chapter): void;
  step?(result: StepResult): void;
}

const LONGEST_STEP_MS = 60_000;
const CALLS = new Set(["hit", "stale_hit", "flight_joined"]);

/** How a story is played. */
export interface PlayOptions {
  /** Set on every chapter's emulator: to see the story fail. */
  readonly faults?: readonly Fault[];
  /** Plays only the steps whose names begin so. */
  readonly only?: string;
}

/** Plays all chapters, each on a stage of its own. */
export async function playStory(
  chapters: readonly Chapter[],
  story: Story,
  listener: Listener = {},
  { faults = [], only = "" }: PlayOptions = {},
): Promise<StoryResult> {
  const startedAt = performance.now();
  const steps: StepResult[] = [];
  let calls = 0;
  for (const chapter of chapters) {
    await using stage = await Stage.open(story.secrets, chapter.rules, faults);
    const played = chapter.steps(stage, story).filter(({ name }) => name.startsWith(only));
    if (played.length > 0) listener.chapter?.(chapter);
    for (const step of played) {
      const result = await playStep(step, stage);
      steps.push(result);
      story.traces.push(JSON.stringify(result));
      listener.step?.(result);
    }
    story.traces.push(...tracesOf(stage));
    calls += stage.callsElsewhere;
    calls += stage.events.filter((event) => CALLS.has(event.type) || isWaitedFor(event)).length;
  }
  return {
    leftOut: story.leftOut ?? [],
    held: steps.length > 0 && steps.every(({ held }) => held),
    steps,
    calls,
    tokenRequests: total(steps),
    durationMs: Math.round(performance.now() - startedAt),
  };
}

async function playStep(step: Step, stage: Stage): Promise<StepResult> {
  const startedAt = performance.now();
  const before = stage.tokenRequests();
  let seen: Facts = {};
  let problem: string | undefined;
  try {
    seen = await withinLimit(step.run());
  } catch (error) {
    stage.errors.push(error);
    problem = TokenError.is(error) ? `${error.code}: ${error.message}` : String(error);
  }
  const tells = problem === undefined ? step.tells?.() : undefined;
  const after = stage.tokenRequests();
  const tokenRequests = eachProvider((provider) => after[provider] - before[provider]);
  const expectedRequests = step.tokenRequests && eachProvider((provider) => step.tokenRequests?.[provider] ?? 0);
  const factsHeld = Object.entries(step.expected).every(([fact, expected]) => holds(expected, seen[fact]));
  const requestsHeld = PROVIDERS.every(
    (provider) => expectedRequests === undefined || holds(expectedRequests[provider], tokenRequests[provider]),
  );
  return {
    name: step.name,
    shows: step.shows,
    ...(tells === undefined ? {} : { tells }),
    expected: Object.fromEntries(Object.entries(step.expected).map(([fact, expected]) => [fact, shown(expected)])),
    seen,
    held: problem === undefined && factsHeld && requestsHeld,
    tokenRequests,
    ...(expectedRequests && { expectedTokenRequests: eachProvider((provider) => shown(expectedRequests[provider])) }),
    durationMs: Math.round(performance.now() - startedAt),
    ...(problem === undefined ? {} : { problem }),
  };
}

function total(steps: readonly StepResult[]): Record<Provider, number> {
  return eachProvider((provider) => steps.reduce((sum, { tokenRequests }) => sum + tokenRequests[provider], 0));
}

/** A caller that started a flight is in no other event. */
function isWaitedFor(event: { type: string; background?: boolean }): boolean {
  return event.type === "flight_started" && event.background === false;
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done within ${LONGEST_STEP_MS / 1_000} s.`)), LONGEST_STEP_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Thousands of events differ in few ways: each way once is enough to search. */
function tracesOf({ events, errors, outputs, emulator }: Stage): string[] {
  const kinds = new Map(events.map((event) => [JSON.stringify(event), event]));
  const kindsOfErrors = new Map(errors.map((error) => [String(error), error]));
  const printed = [...kinds.values(), ...kindsOfErrors.values(), ...emulator.journal].map(everyPrintOf);
  return [...printed, ...outputs];
}
