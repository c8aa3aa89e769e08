import { parseArgs } from "node:util";
import type { EmulatorOptions } from "./emulator.ts";
import type { IamportRules } from "./iamport/options.ts";
import { InvalidInputError, integerBetween, oneOf, positiveNumber } from "./input-checks.ts";
import { MISSING_PERMISSIONS, NAVER_ROUTES, type NaverRules } from "./naver/options.ts";
import type { TossRules } from "./toss/options.ts";

/** A command line. */
export type Command = { kind: "help" } | { kind: "version" } | { kind: "start"; options: EmulatorOptions };

/** The same port at every start. `--port 0` takes a free one. */
const DEFAULT_PORT = 4010;

const LIFETIMES: Readonly<Record<string, number>> = { hour: 3599, year: 31_535_999 };

export const HELP = `Usage: commerce-auth-emulator [options]

Runs a server that issues tokens as Toss Shopping, the Naver Commerce API and iamport
document it: for tests, and to try a client without real keys.

  --port N                        port to listen on; 0 takes a free one (default ${DEFAULT_PORT})
  --host H                        address to listen on (default 127.0.0.1)
  --allow-host NAME               let clients use this name for the emulator, e.g. its service name
                                  in Docker Compose; repeatable. Needed for a --host that other
                                  machines can reach: they can read the journal and change the
                                  emulator, without a password
  --any-credentials               accept any key pair and application, not only the made-up ones
  --skew=MS                       server time minus this machine's time, e.g. --skew=-60000 (default 0)
  --frozen                        freeze the server time until it is moved
  --speed=N                       server time runs N times as fast as real time (default 1)
  --no-date                       answer without a Date header
  --rate-limits                   limit API calls: Naver 2 per second and API, Toss 50 reads,
                                  30 writes and 10 product changes per second

  --toss-lifetime hour|year|SECONDS          lifetime of a token (default hour: 3599)
  --toss-reissue new-token|same-token        asked again before expiry (default new-token)
  --toss-previous-token lives|dies           after a new token (default lives)
  --toss-error-status 401|400                status of invalid_client (default 401)
  --naver-expires-in remaining|full          of a token that is returned again (default remaining)
  --naver-clock-refusal 400|403              status of a refused timestamp (default 400)
  --naver-penalty next-day|at-once|off       after an off-form token request (default next-day)
  --naver-missing-permission CODE            what a missing permission answers: GW.AUTHN (default),
                                             GW.AUTHZ, "403 GW.AUTHN"
  --naver-denied-route ROUTE                 ${NAVER_ROUTES.slice(0, 4).join(", ")},
                                             ${NAVER_ROUTES.slice(4).join(", ")}; repeatable
  --iamport-extension repeats|once           the 5 minutes given in the last minute (default repeats)
  --iamport-echo-credentials                 repeat the credentials in the message of a 401

  --help, --version

GET /_emulator lists the routes that move its clock, set faults and show its requests.
`;

/** Reads the command line. Throws an InvalidInputError that names the flag. */
export function parseCommandLine(args: readonly string[]): Command {
  const flags = flagsOf(args);
  if (flags.help) return { kind: "help" };
  if (flags.version) return { kind: "version" };
  const { skew } = flags;
  const options: EmulatorOptions = {
    port: flags.port === undefined ? DEFAULT_PORT : integerBetween("--port", numberOf(flags.port), 0, 65_535),
    allowedHosts: flags["allow-host"],
    dateHeader: !flags["no-date"],
    clock: {
      skewMs: skew === undefined ? 0 : integerBetween("--skew", numberOf(skew), -MAX_SKEW_MS, MAX_SKEW_MS),
      frozen: flags.frozen,
      speed: positiveNumber("--speed", numberOf(flags.speed)),
    },
    toss: tossRules(flags),
    naver: naverRules(flags),
    iamport: iamportRules(flags),
  };
  if (flags.host !== undefined) options.host = flags.host;
  return { kind: "start", options };
}

const MAX_SKEW_MS = 1e12;

type Flags = ReturnType<typeof flagsOf>;

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        version: { type: "boolean", default: false },
        port: { type: "string" },
        host: { type: "string" },
        "allow-host": { type: "string", multiple: true, default: [] },
        "any-credentials": { type: "boolean", default: false },
        skew: { type: "string" },
        frozen: { type: "boolean", default: false },
        speed: { type: "string", default: "1" },
        "rate-limits": { type: "boolean", default: false },
        "no-date": { type: "boolean", default: false },
        "toss-lifetime": { type: "string", default: "hour" },
        "toss-reissue": { type: "string", default: "new-token" },
        "toss-previous-token": { type: "string", default: "lives" },
        "toss-error-status": { type: "string", default: "401" },
        "naver-expires-in": { type: "string", default: "remaining" },
        "naver-clock-refusal": { type: "string", default: "400" },
        "naver-penalty": { type: "string", default: "next-day" },
        "naver-missing-permission": { type: "string", default: "GW.AUTHN" },
        "naver-denied-route": { type: "string", multiple: true, default: [] },
        "iamport-extension": { type: "string", default: "repeats" },
        "iamport-echo-credentials": { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    // The first sentence of parseArgs names the flag. The second is about positional arguments, which do not exist here.
    const message = error instanceof Error ? error.message : String(error);
    throw new InvalidInputError("command line", message.split(". ", 1)[0] ?? message);
  }
}

function tossRules(flags: Flags): TossRules {
  const lifetime = LIFETIMES[flags["toss-lifetime"]] ?? numberOf(flags["toss-lifetime"]);
  const status = numberOf(flags["toss-error-status"]);
  return {
    solutionCodes: "any",
    ...(flags["any-credentials"] ? { sellers: "any" } : {}),
    ...(flags["rate-limits"] ? { rateLimit: "seen" } : {}),
    lifetimeSeconds: integerBetween("--toss-lifetime", lifetime, 0, 1e12),
    reissue: oneOf("--toss-reissue", flags["toss-reissue"], ["new-token", "same-token"]),
    previousToken: oneOf("--toss-previous-token", flags["toss-previous-token"], ["lives", "dies"]),
    errorStatus: oneOf("--toss-error-status", status, [400, 401]),
  };
}

function naverRules(flags: Flags): NaverRules {
  const status = numberOf(flags["naver-clock-refusal"]);
  return {
    accounts: "any",
    ...(flags["any-credentials"] ? { applications: "any" } : {}),
    ...(flags["rate-limits"] ? { rateLimit: "documented" } : {}),
    expiresInOnReturn: oneOf("--naver-expires-in", flags["naver-expires-in"], ["remaining", "full"]),
    clockRefusalStatus: oneOf("--naver-clock-refusal", status, [400, 403]),
    offFormPenalty: oneOf("--naver-penalty", flags["naver-penalty"], ["next-day", "at-once", "off"]),
    missingPermission: oneOf("--naver-missing-permission", flags["naver-missing-permission"], MISSING_PERMISSIONS),
    deniedRoutes: flags["naver-denied-route"].map((route) => oneOf("--naver-denied-route", route, NAVER_ROUTES)),
  };
}

function iamportRules(flags: Flags): IamportRules {
  return {
    ...(flags["any-credentials"] ? { accounts: "any" } : {}),
    extension: oneOf("--iamport-extension", flags["iamport-extension"], ["repeats", "once"]),
    echoCredentials: flags["iamport-echo-credentials"],
  };
}

/** The number in a flag's text. Other text stays text, so that the error message can show it. */
function numberOf(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
