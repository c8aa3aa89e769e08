import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { expect, it } from "vitest";
import { clientSecretForm } from "./naver-secret.ts";

it.each([
  ["03", false],
  ["04", true],
  ["12", true],
  ["13", false],
])("judges a secret of the bcrypt cost %s as the client does", (cost, isRight) => {
  const clientSecret = `$2a$${cost}$abcdefghijklmnopqrstuv`;
  expect(clientSecretForm(clientSecret, {}).verdict).toBe(isRight ? "secret.ok" : "secret.cost");
  const create = () => createNaverCommerceAuth({ clientId: "id", clientSecret });
  if (isRight) expect(create).not.toThrow();
  else expect(create).toThrow("bcrypt cost");
});
