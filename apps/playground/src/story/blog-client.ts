import { hashSync } from "bcryptjs";
import { firstCall } from "./scenes.ts";
import type { Stage } from "./stage.ts";

/** The application of somebody who followed the blog. */
export const BLOG_APPLICATION = { clientId: "naverApplication02", clientSecret: "$2a$04$CanaryOfTheBlogSecret." };

/** A token as a much-read blog asks for it: everything in the query string, nothing in the body. */
export async function blogToken(stage: Stage): Promise<string> {
  const { clientId, clientSecret } = BLOG_APPLICATION;
  const timestamp = String(Math.floor(stage.clock.wall() - 3_000));
  const sign = Buffer.from(hashSync(`${clientId}_${timestamp}`, clientSecret)).toString("base64");
  stage.secrets.add("signature", sign);
  const query = new URLSearchParams({
    client_id: clientId,
    timestamp,
    client_secret_sign: sign,
    grant_type: "client_credentials",
    type: "SELF",
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const response = await fetch(`${stage.emulator.naver.tokenUrl}?${query}`, { method: "POST", headers });
  const { access_token: token } = (await response.json()) as { access_token: string };
  stage.secrets.add("token", token);
  return token;
}

/** How many of so many API calls are answered, and what the others are refused with. */
export async function callsAnswered(stage: Stage, token: string, times: number) {
  let answered = 0;
  const refusedWith = new Set<string>();
  for (let call = 0; call < times; call++) {
    const response = await fetch(firstCall(stage, "naver"), { headers: { authorization: `Bearer ${token}` } });
    const { code } = (await response.json()) as { code?: string };
    if (response.ok) answered += 1;
    else refusedWith.add(String(code));
  }
  return { answered, refusedWith: [...refusedWith].join(", ") };
}
