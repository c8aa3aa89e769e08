// What the shared tests need to know about a provider.

import type { Endpoint, FaultEffect, Provider } from "@x/commerce-auth-emulator";
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
  /** A client with the emulator's credentials and URLs and this life's cache, unless the options say otherwise. */
  createAuth(options?: object): ProviderAuth;
  /** The API's status for a token, asked by a client of its own. */
  callApi(token: { readonly value: string }): Promise<number>;
}

/** One of the two credentials: its option, its environment variable, and values. */
export interface Credential {
  readonly option: string;
  readonly variable: string;
  /** Of an accepted form, and long enough to be found wherever it is printed. */
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
  readonly emulated: Provider;
  createAuth(options?: object): ProviderAuth;
  emulate(options?: EmulatedLifeOptions): Promise<EmulatedProvider>;
  readonly id: Credential;
  readonly secret: Credential;
  /** The emulator's rules for credentials: these, or any. */
  accepting(credentials: readonly object[] | "any"): EmulatedLifeOptions;
  /** The emulator's rules with which it can return the same token again. Default: its default rules. */
  readonly sameToken?: EmulatedLifeOptions;
  /** The documented token endpoint. */
  readonly origin: string;
  /** Every option, with the value `true`: it does not compile while one is missing. */
  readonly options: Readonly<Record<string, true>>;
  /** Options that are strings, each with options that allow it. */
  readonly strings: { readonly names: readonly string[]; readonly among: object };
  /** Options that a key depends on, in any combination. */
  readonly identities: fc.Arbitrary<object>;
  readonly token: {
    /** The fields of the emulator's tokens. */
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
    /** Bodies that give no known reason. */
    readonly withoutReason: readonly unknown[];
    /** The codes for such a body, if providers differ. */
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
  /** Lifetimes that cause no storm of requests, and how to test each of them. */
  readonly lifetimes: {
    readonly seconds: readonly number[];
    readonly rules: (lifetimeSeconds: number) => EmulatedLifeOptions;
    /** How many lives, in how many steps each, and the most requests that they may cost. */
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
  readonly tokenEndpoint: Endpoint & `${string}.token`;
  readonly apiEndpoint: Endpoint & `${string}.api`;
  /** Two credentials of an accepted form. */
  readonly keys: object;
}
