// What the shared tests know of a provider.

import type { FaultEffect } from "@x/commerce-auth-emulator";
import type { TokenErrorCode } from "@x/token-cache-core";
import type { ApiAnswer, IssuedToken, TokenAnswer, TokenAuth } from "@x/token-cache-core/provider";
import type fc from "fast-check";
import type { EmulatedLife, EmulatedLifeOptions } from "../emulated-life.ts";

/** What a provider's `create…Auth` returns. */
export interface ProviderAuth extends TokenAuth {
  readonly fetch: typeof globalThis.fetch;
  readonly api: {
    get(path: string, options?: object): Promise<Response>;
    post(path: string, options?: object): Promise<Response>;
  };
}

/** A provider's emulator, and clients of it. */
export interface EmulatedProvider extends EmulatedLife {
  readonly tokenUrl: string;
  /** Options with the credentials that the emulator accepts. */
  readonly credentials: object;
  /** A client with the emulator's credentials and URLs and this life's cache, but for what the options say. */
  createAuth(options?: object): ProviderAuth;
  /** The API's status for a token, asked by a client of its own. */
  callApi(token: { readonly value: string }): Promise<number>;
}

/** One of the two credentials: its option, its environment variable, and values. */
export interface Credential {
  readonly option: string;
  readonly variable: string;
  /** An accepted form, and long enough to be found wherever it is printed. */
  readonly example: string;
  /** Another one. */
  readonly other: string;
}

/** What `testProvider` needs. */
export interface ProviderTestOptions {
  /** The package's folder. */
  readonly folder: URL;
  /** The name in errors and keys. */
  readonly provider: string;
  /** The name in the emulator. */
  readonly emulated: "toss" | "naver" | "iamport";
  createAuth(options?: object): ProviderAuth;
  emulate(options?: EmulatedLifeOptions): Promise<EmulatedProvider>;
  readonly id: Credential;
  readonly secret: Credential;
  /** The emulator's rules for who gets tokens: these credentials, or any. */
  accepting(credentials: readonly object[] | "any"): EmulatedLifeOptions;
  /** The emulator's rules with which it can return the same token again. Default: those it has anyway. */
  readonly sameToken?: EmulatedLifeOptions;
  /** Where the documented token endpoint is. */
  readonly origin: string;
  /** Every option, and `true`: a type that does not compile while one is missing. */
  readonly options: Readonly<Record<string, true>>;
  /** Options that are strings, and options with which each of them is allowed. */
  readonly strings: { readonly names: readonly string[]; readonly among: object };
  /** Options that make a key, in any combination. */
  readonly identities: fc.Arbitrary<object>;
  readonly token: {
    /** What a token of the emulator says of itself. */
    readonly scope: string | undefined;
    readonly lifetimeMs: number;
    /** How the request's body begins. */
    readonly requestStart: RegExp;
    /** The answer with a token of this value. */
    answer(value: string): unknown;
    /** The endpoint limits requests, and says so with `Retry-After: 40`. */
    readonly limited: FaultEffect;
    parse(answer: TokenAnswer): Promise<IssuedToken>;
    /** Anything that the endpoint might answer with. */
    readonly anyAnswer: fc.Arbitrary<unknown>;
    /** The value and the lifetime that an answer with a token holds. */
    read(answer: never): { value: unknown; lifetimeMs: number };
    /** Answers in which each part repeats the credentials. */
    echoes(credentials: { both: string; secret: string }): readonly unknown[];
    /** The code for an error inside HTTP 200. */
    readonly errorInside200: TokenErrorCode;
    /** Bodies that give no reason that is known. */
    readonly withoutReason: readonly unknown[];
    /** The codes for such a body, where providers differ. */
    readonly codesWithoutReason: { readonly 400: TokenErrorCode; readonly 403: TokenErrorCode };
  };
  readonly api: {
    /** A path that a GET answers, and one that takes a POST. */
    readonly path: string;
    readonly postPath: string;
    /** The real API's base URLs. */
    readonly realBaseUrls: readonly string[];
    isRefused(answer: ApiAnswer): boolean | Promise<boolean>;
    /** The provider's error class. */
    readonly errorName: string;
  };
  /** Lifetimes that bring no storm of requests, and how each of them is lived. */
  readonly lifetimes: {
    readonly seconds: readonly number[];
    readonly rules: (lifetimeSeconds: number) => EmulatedLifeOptions;
    /** How many lives are lived, in how many steps each, and how many requests they cost at most. */
    readonly lives: number;
    readonly stepsPerLife: number;
    readonly mostRequests: number;
    /** Every how many steps the API is asked whether the token is good. */
    readonly stepsPerApiCall: number;
  };
  /** What the README's example prints. */
  readonly exampleOutput: string;
}

/** What the tests work with. */
export interface ProviderTests extends ProviderTestOptions {
  readonly tokenEndpoint: "toss.token" | "naver.token" | "iamport.token";
  readonly apiEndpoint: "toss.api" | "naver.api" | "iamport.api";
  /** Two credentials of an accepted form. */
  readonly keys: object;
}
