import { hashSync } from "bcryptjs";

/**
 * @param {{ tokenUrl: string, clientId: string, clientSecret: string,
 *   fetch: typeof globalThis.fetch, now: () => number }} options
 */
export function naverByHand({ tokenUrl, clientId, clientSecret, fetch, now }) {
  let held = { access_token: "", until: 0 };
  async function getToken() {
    const timestamp = now() - 3_000;
    if (timestamp < held.until - 60_000) return held.access_token;
    const query = `client_id=${clientId}&timestamp=${timestamp}&client_secret_sign=${btoa(hashSync(`${clientId}_${timestamp}`, clientSecret))}&grant_type=client_credentials&type=SELF`;
    const answer = await (await fetch(`${tokenUrl}?${query}`, { method: "POST" })).json();
    if (!answer.access_token) throw new Error(`No token: ${answer.message}`);
    held = { ...answer, until: now() + answer.expires_in * 1_000 };
    return held.access_token;
  }
  async function call(/** @type {string} */ url) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${await getToken()}` } });
    if (response.status === 401) held.until = 0;
    return response;
  }
  return { getToken, call };
}
