import type { Connect } from "./token-client.ts";

/** One way for an application to get its tokens. Its module is loaded only in the process that measures it. */
export interface Contender {
  readonly name: string;
  /** The npm package. The hand-written lines have none. */
  readonly packageName?: string;
  /** `false`: it requests a token on every call and leaves caching to the application. */
  readonly keepsTokens: boolean;
  load(): Promise<{ readonly connect: Connect }>;
}

/** Our published providers, for measures of a package as it is installed, imported or bundled. */
export const PROVIDERS = ["@x/toss-shopping-auth", "@x/naver-commerce-auth", "@x/iamport-auth"] as const;

export const ours: Contender = { name: "ours", keepsTokens: true, load: () => import("./ours.ts") };
export const handWritten: Contender = {
  name: "hand-written",
  keepsTokens: true,
  load: () => import("./hand-written.ts"),
};

const others: readonly Contender[] = [
  inPackage("google-auth-library"),
  inPackage("@azure/msal-node", { file: "msal-node" }),
  inPackage("@octokit/auth-app", { file: "octokit-auth-app" }),
  inPackage("simple-oauth2"),
  inPackage("@badgateway/oauth2-client", { file: "badgateway-oauth2-client" }),
  inPackage("openid-client", { keepsTokens: false }),
  inPackage("@smithy/core", { name: "@smithy/core memoize", file: "smithy-memoize" }),
  inPackage("lru-cache", { name: "lru-cache fetch" }),
  inPackage("bentocache"),
  inPackage("cacheable"),
  inPackage("iamporter"),
  inPackage("iamport-rest-client-nodejs", { file: "iamport-rest-client" }),
];

export const contenders: readonly Contender[] = [ours, handWritten, ...others];

/** The packages of other authors. */
export const PEERS = others.flatMap(({ packageName }) => packageName ?? []);

export async function connectTo(name: string, endpoint: Parameters<Connect>[0]): Promise<Awaited<ReturnType<Connect>>> {
  const contender = contenders.find((each) => each.name === name);
  if (contender === undefined) throw new Error(`There is no contender ${name}.`);
  return (await contender.load()).connect(endpoint);
}

/**
 * Loads a module of the contenders' project. The path is computed because that project is installed by the first whole
 * run only: the type check of this one must not follow the import.
 */
export function importFromContenders<Module>(file: string): Promise<Module> {
  return import(new URL(`../../contenders/${file}.ts`, import.meta.url).href);
}

function inPackage(
  packageName: string,
  { name = packageName, file = packageName, keepsTokens = true } = {},
): Contender {
  return { name, packageName, keepsTokens, load: () => importFromContenders(file) };
}
