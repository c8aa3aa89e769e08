/**
 * @param {{ tokenUrl: string, impKey: string, impSecret: string,
 *   fetch: typeof globalThis.fetch, now: () => number }} options
 */
export function iamportByHand({ tokenUrl, impKey, impSecret, fetch, now }) {
  let [token, expiresAt] = ["", 0];
  async function getToken() {
    if (now() < expiresAt - 60_000) return token;
    const [method, headers] = ["POST", { "content-type": "application/json" }];
    const body = JSON.stringify({ imp_key: impKey, imp_secret: impSecret });
    const answer = await (await fetch(tokenUrl, { method, headers, body })).json();
    if (!answer.response) throw new Error(`No token: ${answer.message}`);
    [token, expiresAt] = [answer.response.access_token, answer.response.expired_at * 1_000];
    return token;
  }
  async function call(/** @type {string} */ url) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${await getToken()}` } });
    if (response.status === 401) expiresAt = 0;
    return response;
  }
  return { getToken, call };
}
