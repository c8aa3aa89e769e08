import type { EmulatorOptions } from "./emulator.ts";
import type { IamportRules } from "./iamport/options.ts";
import { integerBetween, oneOf, positiveNumber } from "./input-checks.ts";
import { MISSING_PERMISSIONS, NAVER_ROUTES, type NaverRules } from "./naver/options.ts";
import type { TossRules } from "./toss/options.ts";

/** The same port at every start. `--port 0` takes a free one. */
const DEFAULT_PORT = 4010;

/** The flags of a command that starts the emulator, as they stand on a command line. */
export interface EmulatorFlags {
  port?: string | undefined;
  host?: string | undefined;
  "allow-host"?: readonly string[] | undefined;
  "any-credentials"?: boolean | undefined;
  skew?: string | undefined;
  frozen?: boolean | undefined;
  speed?: string | undefined;
  "no-date"?: boolean | undefined;
  "rate-limits"?: boolean | undefined;
  "toss-lifetime"?: string | undefined;
  "toss-reissue"?: string | undefined;
  "toss-previous-token"?: string | undefined;
  "toss-error-status"?: string | undefined;
  "naver-expires-in"?: string | undefined;
  "naver-clock-refusal"?: string | undefined;
  "naver-penalty"?: string | undefined;
  "naver-missing-permission"?: string | undefined;
  "naver-denied-route"?: readonly string[] | undefined;
  "iamport-extension"?: string | undefined;
  "iamport-echo-credentials"?: boolean | undefined;
}

/** How a flag is written, and what it does. */
export interface FlagForm {
  /** What stands for its value on a help page. Undefined: it has none. */
  readonly value?: string;
  readonly isRepeatable?: true;
  readonly description: string;
}

/** Every flag, in the order of the help page. */
export const EMULATOR_FLAGS: Readonly<Record<keyof EmulatorFlags, FlagForm>> = {
  port: { value: "N", description: `port to listen on; 0 takes a free one (default ${DEFAULT_PORT})` },
  host: { value: "H", description: "address to listen on (default 127.0.0.1)" },
  "allow-host": {
    value: "NAME",
    isRepeatable: true,
    description:
      "let clients use this name for the emulator, e.g. its service name in Docker Compose; repeatable. Needed for a " +
      "--host that other machines can reach: they can read the journal and change the emulator, without a password",
  },
  "any-credentials": { description: "accept any key pair and application, not only the made-up ones" },
  skew: { value: "MS", description: "server time minus this machine's time, e.g. --skew=-60000 (default 0)" },
  frozen: { description: "freeze the server time until it is moved" },
  speed: { value: "N", description: "server time runs N times as fast as real time (default 1)" },
  "no-date": { description: "answer without a Date header" },
  "rate-limits": {
    description:
      "limit API calls: Naver 2 per second and API, Toss 50 reads, 30 writes and 10 product changes per second",
  },
  "toss-lifetime": { value: "hour|year|SECONDS", description: "lifetime of a token (default hour: 3599)" },
  "toss-reissue": {
    value: "new-token|same-token",
    description: "what a request before expiry gets (default new-token)",
  },
  "toss-previous-token": { value: "lives|dies", description: "the earlier token after a new one (default lives)" },
  "toss-error-status": { value: "401|400", description: "status of invalid_client (default 401)" },
  "naver-expires-in": {
    value: "remaining|full",
    description: "expires_in of a token that is returned again (default remaining)",
  },
  "naver-clock-refusal": { value: "400|403", description: "status of a refused timestamp (default 400)" },
  "naver-penalty": {
    value: "next-day|at-once|off",
    description: "penalty after an off-form token request (default next-day)",
  },
  "naver-missing-permission": {
    value: "CODE",
    description: 'what a missing permission answers: GW.AUTHN (default), GW.AUTHZ, "403 GW.AUTHN"',
  },
  "naver-denied-route": {
    value: "ROUTE",
    isRepeatable: true,
    description: `a route without permission: ${NAVER_ROUTES.join(", ")}; repeatable`,
  },
  "iamport-extension": {
    value: "repeats|once",
    description: "the 5 minutes given in the last minute (default repeats)",
  },
  "iamport-echo-credentials": { description: "repeat the credentials in the message of a 401" },
};

const MAX_SKEW_MS = 1e12;
const LIFETIMES: Readonly<Record<string, number>> = { hour: 3599, year: 31_535_999 };

/**
 * The options that the flags stand for.
 *
 * @throws InvalidInputError that names the wrong flag
 */
export function emulatorOptions(flags: EmulatorFlags): EmulatorOptions {
  const { host, port = String(DEFAULT_PORT), skew = "0", speed = "1" } = flags;
  return {
    port: integerBetween("--port", numberOf(port), 0, 65_535),
    ...(host === undefined ? {} : { host }),
    allowedHosts: flags["allow-host"] ?? [],
    dateHeader: !flags["no-date"],
    clock: {
      skewMs: integerBetween("--skew", numberOf(skew), -MAX_SKEW_MS, MAX_SKEW_MS),
      frozen: flags.frozen ?? false,
      speed: positiveNumber("--speed", numberOf(speed)),
    },
    toss: tossRules(flags),
    naver: naverRules(flags),
    iamport: iamportRules(flags),
  };
}

function tossRules(flags: EmulatorFlags): TossRules {
  const {
    "toss-lifetime": lifetime = "hour",
    "toss-reissue": reissue = "new-token",
    "toss-previous-token": previousToken = "lives",
    "toss-error-status": errorStatus = "401",
  } = flags;
  return {
    solutionCodes: "any",
    ...(flags["any-credentials"] ? { sellers: "any" } : {}),
    ...(flags["rate-limits"] ? { rateLimit: "seen" } : {}),
    lifetimeSeconds: integerBetween("--toss-lifetime", LIFETIMES[lifetime] ?? numberOf(lifetime), 0, 1e12),
    reissue: oneOf("--toss-reissue", reissue, ["new-token", "same-token"]),
    previousToken: oneOf("--toss-previous-token", previousToken, ["lives", "dies"]),
    errorStatus: oneOf("--toss-error-status", numberOf(errorStatus), [400, 401]),
  };
}

function naverRules(flags: EmulatorFlags): NaverRules {
  const {
    "naver-expires-in": expiresIn = "remaining",
    "naver-clock-refusal": clockRefusal = "400",
    "naver-penalty": penalty = "next-day",
    "naver-missing-permission": missingPermission = "GW.AUTHN",
    "naver-denied-route": deniedRoutes = [],
  } = flags;
  return {
    accounts: "any",
    ...(flags["any-credentials"] ? { applications: "any" } : {}),
    ...(flags["rate-limits"] ? { rateLimit: "documented" } : {}),
    expiresInOnReturn: oneOf("--naver-expires-in", expiresIn, ["remaining", "full"]),
    clockRefusalStatus: oneOf("--naver-clock-refusal", numberOf(clockRefusal), [400, 403]),
    offFormPenalty: oneOf("--naver-penalty", penalty, ["next-day", "at-once", "off"]),
    missingPermission: oneOf("--naver-missing-permission", missingPermission, MISSING_PERMISSIONS),
    deniedRoutes: deniedRoutes.map((route) => oneOf("--naver-denied-route", route, NAVER_ROUTES)),
  };
}

function iamportRules(flags: EmulatorFlags): IamportRules {
  const extension = flags["iamport-extension"] ?? "repeats";
  return {
    ...(flags["any-credentials"] ? { accounts: "any" } : {}),
    extension: oneOf("--iamport-extension", extension, ["repeats", "once"]),
    echoCredentials: flags["iamport-echo-credentials"] ?? false,
  };
}

/** The number in a flag's text. Other text stays text, so that the error message can show it. */
function numberOf(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
