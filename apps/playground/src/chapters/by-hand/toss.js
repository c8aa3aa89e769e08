/**
 * @param {{ tokenUrl: string, accessKey: string, secretKey: string, scope?: string,
 *   fetch: typeof globalThis.fetch, now: () => number }} options
 */
export function tossByHand({ tokenUrl, accessKey, secretKey, scope = "toss-shopping-fep:write", fetch, now }) {
  let [token, expiresAt] = ["", 0];
  async function getToken() {
    if (now() < expiresAt - 60_000) return token;
    const keys = { client_id: accessKey, client_secret: secretKey };
    const body = new URLSearchParams({ grant_type: "client_credentials", ...keys, scope });
    const answer = await (await fetch(tokenUrl, { method: "POST", body })).json();
    if (!answer.access_token) throw new Error(`No token: ${answer.error}`);
    [token, expiresAt] = [answer.access_token, now() + answer.expires_in * 1_000];
    return token;
  }
  async function call(/** @type {string} */ url) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${await getToken()}` } });
    if (response.status === 401) expiresAt = 0;
    return response;
  }
  return { getToken, call };
}
