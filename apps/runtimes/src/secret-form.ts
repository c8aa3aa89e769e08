// A program that gets Naver's secret from the file .env of its folder, by the loader that its argument names.

import { createNaverCommerceAuth } from "@x/naver-commerce-auth";

const [, , loader = "", tokenUrl = ""] = process.argv;
const name = "NAVER_COMMERCE_CLIENT_SECRET";

/** The loaders that a program calls. Any other one has run before the program. */
const loaders: Record<string, () => Promise<string | undefined>> = {
  async dotenv() {
    const dotenv = await import("dotenv");
    dotenv.config({ quiet: true });
    return undefined;
  },
  async "dotenv-expand"() {
    const [dotenv, { expand }] = [await import("dotenv"), await import("dotenv-expand")];
    expand(dotenv.config({ quiet: true }));
    return undefined;
  },
  async "@next/env"() {
    const { default: nextEnv } = await import("@next/env");
    nextEnv.loadEnvConfig(process.cwd(), false, { info() {}, error: console.error });
    return undefined;
  },
  "@nestjs/config": () => nestSecret(false),
  "@nestjs/config that expands variables": () => nestSecret(true),
};

/** NestJS's programs read an option from its ConfigService, and not from the environment. */
async function nestSecret(expandVariables: boolean): Promise<string> {
  await import("reflect-metadata");
  const { ConfigModule, ConfigService } = await import("@nestjs/config");
  await ConfigModule.forRoot({ expandVariables });
  return new ConfigService().getOrThrow<string>(name);
}

const clientSecret = await loaders[loader]?.();
const auth = createNaverCommerceAuth({ clientId: "client", clientSecret, tokenUrl });
const { tokenType } = await auth.getToken();
console.log(
  JSON.stringify({ tokenType, backslashes: (clientSecret ?? process.env[name] ?? "").split("\\").length - 1 }),
);
