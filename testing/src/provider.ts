// The tests that every provider passes, registered by one call. A provider's own rules are tested beside its sources.

import { testApiCalls } from "./provider/api-calls.ts";
import { testBrowser } from "./provider/browser.ts";
import { testEmulatorVariable } from "./provider/emulator-variable.ts";
import { testEnvironment } from "./provider/environment.ts";
import { testFakeTimers } from "./provider/fake-timers.ts";
import { testGetToken } from "./provider/get-token.ts";
import { testIdentity } from "./provider/identity.ts";
import { testIdleConnections } from "./provider/idle-connections.ts";
import { testLifetimes } from "./provider/lifetimes.ts";
import { testOptionChecks } from "./provider/option-checks.ts";
import { testOptionEffects } from "./provider/option-effects.ts";
import type { ProviderTestOptions, ProviderTests } from "./provider/provider-tests.ts";
import { testReadme } from "./provider/readme.ts";
import { testRotation } from "./provider/rotation.ts";
import { testSecrets } from "./provider/secrets.ts";
import { testTokenAnswers } from "./provider/token-answers.ts";

/** Registers the tests that every provider has to pass: call it at the top level of a test file. */
export function testProvider(options: ProviderTestOptions): void {
  const { emulated, id, secret } = options;
  const tests: ProviderTests = {
    ...options,
    tokenEndpoint: `${emulated}.token`,
    apiEndpoint: `${emulated}.api`,
    keys: { [id.option]: id.example, [secret.option]: secret.example },
  };
  testGetToken(tests);
  testFakeTimers(tests);
  testIdentity(tests);
  testEnvironment(tests);
  testEmulatorVariable(tests);
  testOptionChecks(tests);
  testOptionEffects(tests);
  testRotation(tests);
  testTokenAnswers(tests);
  testSecrets(tests);
  testApiCalls(tests);
  testIdleConnections(tests);
  testLifetimes(tests);
  testReadme(tests);
  testBrowser(tests);
}
