import type { Contender } from "./contender.ts";

/** A contender and where to find it: loaded only where it is measured, so that none weighs on another. */
export interface ContenderEntry {
  readonly name: string;
  /** Its package, whose version is stated; for the floors there is none. */
  readonly packageName?: string;
  load(): Promise<{ readonly contender: Contender }>;
}

export const OURS = "ours";
export const HAND_WRITTEN = "hand-written";

/** Where a package is measured as it is installed, ours are these. */
export const PROVIDERS = ["@x/toss-shopping-auth", "@x/naver-commerce-auth", "@x/iamport-auth"] as const;

export const contenders: readonly ContenderEntry[] = [
  { name: OURS, packageName: "@x/toss-shopping-auth", load: () => import("./ours.ts") },
  { name: HAND_WRITTEN, load: () => import("./hand-written.ts") },
  entry("google-auth-library", () => import("./google-auth-library.ts")),
  entry("@azure/msal-node", () => import("./msal-node.ts")),
  entry("@octokit/auth-app", () => import("./octokit-auth-app.ts")),
  entry("simple-oauth2", () => import("./simple-oauth2.ts")),
  entry("@badgateway/oauth2-client", () => import("./badgateway-oauth2-client.ts")),
  entry("openid-client", () => import("./openid-client.ts")),
  { name: "@smithy/core memoize", packageName: "@smithy/core", load: () => import("./smithy-memoize.ts") },
  { name: "lru-cache fetch", packageName: "lru-cache", load: () => import("./lru-cache.ts") },
  entry("bentocache", () => import("./bentocache.ts")),
  entry("cacheable", () => import("./cacheable.ts")),
  entry("iamporter", () => import("./iamporter.ts")),
  entry("iamport-rest-client-nodejs", () => import("./iamport-rest-client.ts")),
];

/** The contenders' packages without ours, to be measured as they are installed or imported. */
export const PEERS = contenders.flatMap(({ name, packageName }) =>
  packageName === undefined || name === OURS ? [] : [packageName],
);

export async function loadContender(name: string): Promise<Contender> {
  const found = contenders.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no contender ${name}.`);
  return (await found.load()).contender;
}

function entry(packageName: string, load: ContenderEntry["load"]): ContenderEntry {
  return { name: packageName, packageName, load };
}
