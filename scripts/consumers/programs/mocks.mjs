// Tests of a user's own program with a mocked network: MOCKS is msw or nock. No emulator, and the provider's real URLs.

import { createIamportAuth, iamportResult } from "@x/iamport-auth";

const ORIGIN = "https://api.iamport.kr";
const now = Math.floor(Date.now() / 1000);
const token = { code: 0, message: null, response: { access_token: "mocked-token", now, expired_at: now + 1800 } };
const payment = { code: 0, message: null, response: { imp_uid: "imp_1" } };
const seen = { tokens: 0, calls: [] };

const mocks = {
  async msw() {
    const { http, HttpResponse } = await import("msw");
    const { setupServer } = await import("msw/node");
    setupServer(
      http.post(`${ORIGIN}/users/getToken`, () => {
        seen.tokens += 1;
        return HttpResponse.json(token);
      }),
      http.get(`${ORIGIN}/payments/imp_1`, ({ request }) => {
        seen.calls.push(request.headers.get("authorization"));
        return HttpResponse.json(payment);
      }),
    ).listen({ onUnhandledRequest: "error" });
  },
  async nock() {
    const { default: nock } = await import("nock");
    nock.disableNetConnect();
    nock(ORIGIN)
      .persist()
      .post("/users/getToken")
      .reply(200, () => {
        seen.tokens += 1;
        return token;
      })
      .get("/payments/imp_1")
      .reply(200, (request) => {
        seen.calls.push(request.headers.get("authorization"));
        return payment;
      });
  },
};

const createAuth = () => createIamportAuth({ impKey: "key", impSecret: "secret" });
const before = createAuth(); // The module under test often creates its client before the test mocks anything.
await mocks[process.env.MOCKS]();
for (const auth of [before, createAuth()]) {
  const { imp_uid } = await iamportResult(auth.api.get("payments/imp_1"));
  const { status } = await auth.fetch(`${ORIGIN}/payments/imp_1`);
  seen.calls.push(imp_uid, status);
  await auth.close();
}
console.log(JSON.stringify(seen));
