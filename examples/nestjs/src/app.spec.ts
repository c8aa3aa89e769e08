import type { INestApplication } from "@nestjs/common";
import { Test } from "@nestjs/testing";
import { type Emulator, startEmulator } from "@x/commerce-auth-emulator";
import { createNaverCommerceAuth, type NaverCommerceAuth } from "@x/naver-commerce-auth";
import { AppModule } from "./app.module";
import { NAVER } from "./naver.module";

describe("the application", () => {
  let emulator: Emulator;
  let naver: NaverCommerceAuth;
  let app: INestApplication;

  beforeEach(async () => {
    emulator = await startEmulator();
    const testing = Test.createTestingModule({ imports: [AppModule] });
    naver = createNaverCommerceAuth(emulator.naver.options);
    testing.overrideProvider(NAVER).useValue(naver);
    app = (await testing.compile()).createNestApplication({ logger: false });
    await app.listen(0, "127.0.0.1");
  });
  afterEach(async () => {
    await app.close();
    await emulator.close();
  });

  test("requests one token for many requests", async () => {
    const url = `${await app.getUrl()}/account`;
    const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).json()));
    for (const { accountId } of answers) expect(accountId).toBeTruthy();
    expect(emulator.requestCount("naver.token")).toBe(1);
  });

  test("is healthy before and after the first call", async () => {
    const health = async () => (await fetch(`${await app.getUrl()}/health`)).json();
    expect(await health()).toEqual({ credentials: "known", usable: false });
    await fetch(`${await app.getUrl()}/account`);
    expect(await health()).toEqual({ credentials: "known", usable: true });
  });

  test("closes the client when it shuts down", async () => {
    await app.close();
    await expect(naver.getToken()).rejects.toMatchObject({ code: "closed" });
  });

  test("answers 502 if Naver refuses a call", async () => {
    emulator.fault({ endpoint: "naver.api", kind: "status", status: 403 });
    expect((await fetch(`${await app.getUrl()}/account`)).status).toBe(502);
  });
});
