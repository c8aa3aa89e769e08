import { readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { TokenError } from "../contract/token-error.ts";
import type { Credentials } from "./credential-fields.ts";
import type { CredentialsRequest } from "./credentials-function.ts";

export type { Credentials } from "./credential-fields.ts";
export type { CredentialsRequest } from "./credentials-function.ts";

/** A mounted secret is much smaller: Kubernetes allows 1 MiB for all values of a secret, Docker 500 KB. */
const LARGEST_FILE_BYTES = 64 * 1024;

/** Kubernetes replaces the folder that this link points to when a mounted secret changes. */
const KUBERNETES_LINK = "..data";

/** How often a read starts again because Kubernetes replaced the folder meanwhile. */
const MOST_READS = 3;

/**
 * A function for the option `credentials` that reads a mounted Kubernetes or Docker secret. It reads at each call. So
 * it notices a change at the first token request after the time to live, or when the provider refuses the credentials.
 *
 * @example
 * ```ts
 * createAcmeAuth({ credentials: credentialsFromFile("/run/secrets/acme.json"), credentialsTtlMs: 0 });
 * ```
 * @param path a file with a JSON object, whose members have the names of the credentials; or a folder with one file for each
 *   name, whose line end is trimmed
 * @throws TokenError `invalid_options`, if the path is no text
 */
export function credentialsFromFile(
  path: string,
): <Name extends string>(request: CredentialsRequest<Name>) => Promise<Credentials<Name>> {
  if (typeof path !== "string" || path === "") {
    throw new TokenError("invalid_options", { message: "The path of the credentials must be a text." });
  }
  return async ({ names, signal }) => {
    const isFolder = await readable(path, async () => (await stat(path)).isDirectory());
    return isFolder ? await readFolder(path, names, signal) : await readJson(path, names, signal);
  };
}

async function readJson<Name extends string>(path: string, names: readonly Name[], signal: AbortSignal) {
  const text = await readText(path, signal);
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed as Credentials<Name>;
  } catch {
    // V8's message repeats the text.
  }
  throw unavailable(`The file ${path} must hold a JSON object with ${names.join(" and ")}.`);
}

async function readFolder<Name extends string>(path: string, names: readonly Name[], signal: AbortSignal) {
  for (let reads = 1; ; reads++) {
    // All values from one version: the link may be moved between two reads.
    const version = await realpath(join(path, KUBERNETES_LINK)).catch(() => path);
    try {
      const values = names.map(
        async (name): Promise<[Name, string]> => [name, withoutLineEnd(await readText(join(version, name), signal))],
      );
      return Object.fromEntries(await Promise.all(values)) as Credentials<Name>;
    } catch (error) {
      if (version === path || reads === MOST_READS) throw error;
    }
  }
}

async function readText(path: string, signal: AbortSignal): Promise<string> {
  return await readable(path, async () => {
    const info = await stat(path);
    // A pipe would block, and a device may have no end.
    if (!info.isFile()) throw unavailable(`The path ${path} is no file.`);
    if (info.size > LARGEST_FILE_BYTES) {
      throw unavailable(`The file ${path} is larger than ${LARGEST_FILE_BYTES} bytes. It must hold credentials only.`);
    }
    return (await readFile(path, { encoding: "utf8", signal })).replace(/^\uFEFF/, "");
  });
}

/** Editors and `echo` end a file with a line end, which is no part of the secret. */
function withoutLineEnd(text: string): string {
  return text.replace(/[\r\n]+$/, "");
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (TokenError.is(thrown)) throw thrown;
    const { code } = thrown as NodeJS.ErrnoException;
    throw unavailable(
      `The credentials in ${path} cannot be read (${code ?? "aborted"}). Check the mount and its rights.`,
    );
  }
}

function unavailable(message: string): TokenError {
  return new TokenError("credentials_unavailable", { message });
}
