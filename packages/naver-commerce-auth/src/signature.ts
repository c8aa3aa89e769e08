import {
  elapsedMs,
  type Instant,
  type IssueContext,
  instant,
  invalidOption,
  nextMacrotask,
  type ServerClock,
} from "@x/token-cache-core/provider";
import { hashSync } from "bcryptjs";
import { type BcryptHash, type NaverApplication, PROVIDER } from "./options.ts";

/** A client secret sign and its timestamp. Both are parameters of the token request. */
export interface Signature {
  /** Epoch ms, 13 digits. */
  readonly timestamp: string;
  readonly clientSecretSign: string;
}

/** How long identities share a signature. Naver accepts a timestamp that is up to 5 minutes old. */
const SHARED_FOR_MS = 60_000;

/** How far a timestamp is in the past. Naver rejects one in the future. */
const BEHIND_MS = 2_000;

/**
 * `base64(bcrypt(clientId + "_" + timestamp, clientSecret))` (authentication guide). The client secret is a bcrypt salt.
 */
async function signTimestamp(
  { clientId, clientSecret }: NaverApplication,
  timestamp: string,
  bcryptHash: BcryptHash = hashInJavaScript,
): Promise<Signature> {
  const hash = await hashed(`${clientId}_${timestamp}`, clientSecret, bcryptHash);
  // Only 2 of the 6 bits in the salt's last character count. bcrypt returns the others as zero.
  if (typeof hash !== "string" || hash.length !== 60 || !hash.startsWith(clientSecret.slice(0, -1))) {
    throw invalidOption(PROVIDER, "The option bcryptHash did not return a bcrypt hash that begins with its salt.");
  }
  return { timestamp, clientSecretSign: btoa(hash) };
}

async function hashed(password: string, salt: string, bcryptHash: BcryptHash): Promise<unknown> {
  try {
    return await bcryptHash(password, salt);
  } catch {
    // The thrown error may contain the salt, which is the secret.
    throw invalidOption(PROVIDER, "The option bcryptHash threw an error instead of returning a bcrypt hash.");
  }
}

interface SigningContext extends Pick<IssueContext, "hostState"> {
  readonly serverClock: Pick<ServerClock, "earliest">;
}

/** The signatures of one cache, shared by all identities of Naver's host. */
export function signaturesOf({ serverClock, hostState }: SigningContext): Signatures {
  return hostState("signatures", () => new Signatures(serverClock));
}

/**
 * Signs for many accounts. The accounts of one application share a signature for a short time, so a thousand sellers
 * need one hash. Hashes of different applications run one by one and free the event loop in between.
 */
class Signatures {
  readonly #serverClock: Pick<ServerClock, "earliest">;
  readonly #recent = new Map<string, { signature: Promise<Signature>; madeAt: Instant }>();
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(serverClock: Pick<ServerClock, "earliest">) {
    this.#serverClock = serverClock;
  }

  /** A signature for the server's current time, or a recent one. */
  sign(
    application: NaverApplication,
    { clock, sharedFlights }: Pick<IssueContext, "clock" | "sharedFlights">,
    bcryptHash: BcryptHash | undefined,
  ): Promise<Signature> {
    const make = () => {
      const timestamp = Math.floor(this.#serverClock.earliest(instant(clock)) - BEHIND_MS);
      return signTimestamp(application, String(timestamp), bcryptHash);
    };
    if (!sharedFlights) return make();
    const now = instant(clock);
    const isOld = ({ madeAt }: { madeAt: Instant }) => elapsedMs(madeAt, now) >= SHARED_FOR_MS;
    const shared = this.#recent.get(keyOf(application));
    if (shared !== undefined && !isOld(shared)) return shared.signature;
    const signature = this.#inTurn(make);
    for (const [key, recent] of this.#recent) if (isOld(recent)) this.#recent.delete(key);
    this.#recent.set(keyOf(application), { signature, madeAt: now });
    signature.catch(() => this.discard(application, signature));
    return signature;
  }

  /** Drops a signature whose timestamp Naver rejected, unless a newer one has replaced it. */
  discard(application: NaverApplication, refused: Promise<Signature>): void {
    const key = keyOf(application);
    if (this.#recent.get(key)?.signature === refused) this.#recent.delete(key);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lastTurn.then(nextMacrotask).then(work);
    this.#lastTurn = done.catch(() => {});
    return done;
  }
}

function keyOf({ clientId, clientSecret }: NaverApplication): string {
  return JSON.stringify([clientId, clientSecret]);
}

/** Synchronous: at such low costs bcryptjs's asynchronous form does not yield either, and is slower. */
function hashInJavaScript(password: string, salt: string): string {
  return hashSync(password, salt);
}
