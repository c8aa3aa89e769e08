import { describe, expect, it } from "vitest";
import { HELP, parseCommandLine } from "./command-line.ts";

function optionsOf(...args: string[]) {
  const command = parseCommandLine(args);
  if (command.kind !== "start") throw new Error(`not a start: ${command.kind}`);
  return command.options;
}

describe("the command line", () => {
  it("starts on a fixed port with the default rules", () => {
    expect(optionsOf()).toEqual({
      port: 4010,
      allowedHosts: [],
      dateHeader: true,
      clock: { skewMs: 0, frozen: false, speed: 1 },
      toss: {
        solutionCodes: "any",
        lifetimeSeconds: 3599,
        reissue: "new-token",
        previousToken: "lives",
        errorStatus: 401,
      },
      naver: {
        accounts: "any",
        expiresInOnReturn: "remaining",
        clockRefusalStatus: 400,
        offFormPenalty: "next-day",
        missingPermission: "GW.AUTHN",
        deniedRoutes: [],
      },
      iamport: { extension: "repeats", echoCredentials: false },
    });
  });

  it("reads every flag", () => {
    const options = optionsOf(
      ..."--port 0 --host ::1 --allow-host emulator --allow-host 10.0.0.5 --any-credentials --skew=-5000 --frozen --speed=10 --no-date --rate-limits".split(
        " ",
      ),
      ..."--toss-lifetime year --toss-reissue same-token --toss-previous-token dies --toss-error-status 400".split(" "),
      ..."--naver-expires-in full --naver-clock-refusal 403 --naver-penalty at-once".split(" "),
      ..."--naver-missing-permission GW.AUTHZ --naver-denied-route seller-account".split(" "),
      ..."--iamport-extension once --iamport-echo-credentials".split(" "),
    );
    expect(options).toEqual({
      port: 0,
      host: "::1",
      allowedHosts: ["emulator", "10.0.0.5"],
      dateHeader: false,
      clock: { skewMs: -5000, frozen: true, speed: 10 },
      toss: {
        sellers: "any",
        solutionCodes: "any",
        rateLimit: "seen",
        lifetimeSeconds: 31_535_999,
        reissue: "same-token",
        previousToken: "dies",
        errorStatus: 400,
      },
      naver: {
        applications: "any",
        accounts: "any",
        rateLimit: "documented",
        expiresInOnReturn: "full",
        clockRefusalStatus: 403,
        offFormPenalty: "at-once",
        missingPermission: "GW.AUTHZ",
        deniedRoutes: ["seller-account"],
      },
      iamport: { accounts: "any", extension: "once", echoCredentials: true },
    });
  });

  it("accepts a lifetime in seconds", () => {
    expect(optionsOf("--toss-lifetime", "60").toss).toMatchObject({ lifetimeSeconds: 60 });
  });

  it.each([
    [["--prot", "1"], "command line: Unknown option '--prot'"],
    [["start"], "command line: Unexpected argument 'start'"],
    [["--port"], "command line: Option '--port <value>' argument missing"],
    [["--port", "http"], '--port: must be a whole number from 0 to 65535, got "http"'],
    [["--port", "70000"], "--port: must be a whole number from 0 to 65535, got 70000"],
    [["--toss-lifetime", "month"], '--toss-lifetime: must be a whole number from 0 to 1000000000000, got "month"'],
    [["--toss-error-status", "402"], "--toss-error-status: must be one of 400, 401, got 402"],
    [["--naver-penalty", "never"], '--naver-penalty: must be one of next-day, at-once, off, got "never"'],
  ])("refuses %j and names the flag", (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });

  it("explains every flag it reads", () => {
    expect(parseCommandLine(["--help"]).kind).toBe("help");
    expect(parseCommandLine(["--version"]).kind).toBe("version");
    for (const flag of HELP.matchAll(/--[a-z-]+/g)) {
      const known = [[flag[0]], [flag[0], "1"]].some((args) => {
        try {
          parseCommandLine(args);
          return true;
        } catch (error) {
          return !String(error).includes("Unknown option");
        }
      });
      expect(known, flag[0]).toBe(true);
    }
  });
});
