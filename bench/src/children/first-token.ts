// From a process's first line to its first token: by a provider's auth, or by one bare fetch of the same request.

import { CLIENT_SECRET } from "../canary.ts";

export interface FirstTokenInput {
  readonly way: "ours" | "bare fetch";
  readonly tokenUrl: string;
}

const began = performance.now();
const { way, tokenUrl } = JSON.parse(process.argv[2] ?? "{}") as FirstTokenInput;
if (way === "ours") {
  const { createTossShoppingAuth } = await import("@x/toss-shopping-auth");
  const auth = createTossShoppingAuth({ accessKey: "client", secretKey: CLIENT_SECRET, tokenUrl });
  await auth.getToken();
} else {
  const form = { grant_type: "client_credentials", client_id: "client", client_secret: CLIENT_SECRET, scope: "any" };
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  const response = await fetch(tokenUrl, { method: "POST", headers, body: new URLSearchParams(form).toString() });
  await response.json();
}
process.send?.({ result: performance.now() - began }, () => process.exit());
