import { hashSync } from "bcryptjs";
import { BCRYPT_SALT } from "./options.ts";

/** A forged signature with a higher cost would keep the emulator busy for minutes. Naver's example has cost 10. */
const MAX_COST = 12;

/**
 * Checks `client_secret_sign = base64(bcrypt(client_id + "_" + timestamp, salt = client secret))`. It hashes synchronously: bcryptjs's
 * asynchronous form waits for setImmediate, which a user's test may fake in this process.
 */
export class NaverSignatureCheck {
  #lastHash: { password: string; salt: string; result: string } | undefined;

  /** Whether one of the secrets signed it. */
  isSignedByOne(secrets: readonly string[], password: string, sign: string): boolean {
    for (const secret of secrets) {
      if (isUsableSalt(secret) && encoded(this.#hash(password, secret)) === sign) return true;
    }
    return false;
  }

  /** Whether it is a correct hash of the password under any salt: a bcrypt hash begins with its salt. */
  isSignedBySomeone(password: string, sign: string): boolean {
    const salt = Buffer.from(sign, "base64").toString("utf8").slice(0, 29);
    return this.isSignedByOne([salt], password, sign);
  }

  /** A client with many sellers can use one signature for many requests. The hash is then computed once. */
  #hash(password: string, salt: string): string {
    if (this.#lastHash?.password !== password || this.#lastHash.salt !== salt) {
      this.#lastHash = { password, salt, result: hashSync(password, salt) };
    }
    return this.#lastHash.result;
  }
}

function isUsableSalt(salt: string): boolean {
  const cost = BCRYPT_SALT.exec(salt)?.[1];
  return cost !== undefined && Number(cost) >= 4 && Number(cost) <= MAX_COST;
}

function encoded(bcryptHash: string): string {
  return Buffer.from(bcryptHash).toString("base64");
}
