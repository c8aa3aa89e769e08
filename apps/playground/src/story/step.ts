import type { EmulatorOptions, Provider } from "@x/commerce-auth-emulator";
import type { SecretWatch } from "./secret-watch.ts";
import type { Stage } from "./stage.ts";

/** One thing that can be counted or named in what happened. */
export type Value = string | number | boolean;

/** What a value must be where it is not one value alone. */
export interface Range {
  readonly text: string;
  holds(seen: Value): boolean;
}

export type Expected = Value | Range;

/** What is expected, or was seen, by a short phrase that says what it is. */
export type Expectations<Fact extends string = string> = Readonly<Record<Fact, Expected>>;
export type Facts<Fact extends string = string> = Readonly<Record<Fact, Value>>;

/** How many requests are to reach a token endpoint. Those that are not named: none. */
export type ExpectedRequests = Readonly<Partial<Record<Provider, Expected>>>;

/** One step of the story. */
export interface Step {
  /** Unique in the story: `toss: issued`. */
  readonly name: string;
  /** What is shown, in a sentence. */
  readonly shows: string;
  readonly expected: Expectations;
  readonly tokenRequests: ExpectedRequests;
  /** Plays it and says what was seen. */
  run(): Promise<Facts>;
}

/** What the steps of all chapters have in common. */
export interface Story {
  readonly secrets: SecretWatch;
  /** Everything that left a trace so far: what was printed and reported, events, errors, what the emulator wrote down. */
  readonly traces: string[];
  readonly leftOut?: readonly string[];
}

/** How a chapter's emulator differs from the documented behaviour, or what else it accepts. */
export type Rules = Pick<EmulatorOptions, "toss" | "naver" | "iamport">;

/** Steps that build on each other and share a stage. */
export interface Chapter {
  readonly title: string;
  /** What is special here, for somebody who does not know it. */
  readonly about: string;
  readonly rules?: Rules;
  steps(stage: Stage, story: Story): readonly Step[];
}

/** A step whose facts are checked by the compiler to be those that are expected. */
export function step<Fact extends string>(
  init: Omit<Step, "expected" | "run"> & {
    readonly expected: Expectations<Fact>;
    run(): Promise<Facts<NoInfer<Fact>>>;
  },
): Step {
  return init;
}

export function atMost(most: number): Range {
  return { text: `≤ ${most}`, holds: (seen) => typeof seen === "number" && seen <= most };
}

export function atLeast(least: number): Range {
  return { text: `≥ ${least}`, holds: (seen) => typeof seen === "number" && seen >= least };
}

export function holds(expected: Expected | undefined, seen: Value | undefined): boolean {
  if (expected === undefined || seen === undefined) return false;
  return typeof expected === "object" ? expected.holds(seen) : expected === seen;
}

/** An expectation as a report shows it. */
export function shown(expected: Expected): Value {
  return typeof expected === "object" ? expected.text : expected;
}
