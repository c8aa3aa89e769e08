import type { Provider } from "@x/commerce-auth-emulator";
import type { Words } from "../chapters/words.ts";
import type { SecretWatch } from "./secret-watch.ts";
import type { Rules, Stage } from "./stage.ts";

/** A fact that a step reports. */
export type Value = string | number | boolean;

/** A condition that more than one value meets. */
export interface Range {
  readonly text: string;
  holds(seen: Value): boolean;
}

export type Expected = Value | Range;

/** The expected facts of a step. The keys are short phrases that name them. */
export type Expectations<Fact extends string = string> = Readonly<Record<Fact, Expected>>;

/** The observed facts of a step, under the same keys. */
export type Facts<Fact extends string = string> = Readonly<Record<Fact, Value>>;

/** The expected number of requests per token endpoint. Default: 0. */
export type ExpectedRequests = Readonly<Partial<Record<Provider, Expected>>>;

/** One step of the story. */
export interface Step {
  /** Unique in the story: `toss: issued`. */
  readonly name: string;
  /** A sentence that says what the step shows. */
  readonly shows: Words;
  readonly expected: Expectations;
  /** Not checked if it is not given. */
  readonly tokenRequests?: ExpectedRequests;
  /** Runs the step and returns the observed facts. */
  run(): Promise<Facts>;
  /** After the step has run: what happened and why, with the numbers that were seen. */
  tells?(): Words | undefined;
}

/** State that the steps of all chapters share. */
export interface Story {
  readonly secrets: SecretWatch;
  /** All output so far: printed text, reports, events, errors, the emulator's journal. */
  readonly traces: string[];
  readonly leftOut?: readonly Words[];
}

/** Steps that depend on each other and share a stage. */
export interface Chapter {
  readonly title: Words;
  /** What is special about this topic, for a reader who does not know it. */
  readonly about?: Words;
  readonly rules?: Rules;
  steps(stage: Stage, story: Story): readonly Step[];
}

/** Defines a step. The compiler checks that its facts have the keys of its expectations. */
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

/** An expectation in the form that a report shows. */
export function shown(expected: Expected): Value {
  return typeof expected === "object" ? expected.text : expected;
}
