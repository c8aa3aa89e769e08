/**
 * @typedef {object} Redis
 * @property {(key: string) => Promise<string | null>} get
 * @property {(key: string, value: string, options: { EX: number }) => Promise<unknown>} set
 * @property {(key: string) => Promise<unknown>} del
 */

/**
 * @param {{ tokenUrl: string, accessKey: string, secretKey: string, scope?: string,
 *   fetch: typeof globalThis.fetch, redis: Redis }} options
 */
export function tossByRedis({ tokenUrl, accessKey, secretKey, scope = "toss-shopping-fep:write", fetch, redis }) {
  async function getToken() {
    const shared = await redis.get(`token of ${accessKey}`);
    if (shared) return shared;
    const keys = { client_id: accessKey, client_secret: secretKey };
    const body = new URLSearchParams({ grant_type: "client_credentials", ...keys, scope });
    const answer = await (await fetch(tokenUrl, { method: "POST", body })).json();
    if (!answer.access_token) throw new Error(`No token: ${answer.error}`);
    await redis.set(`token of ${accessKey}`, answer.access_token, { EX: answer.expires_in - 60 });
    return answer.access_token;
  }
  async function call(/** @type {string} */ url) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${await getToken()}` } });
    if (response.status === 401) await redis.del(`token of ${accessKey}`);
    return response;
  }
  return { getToken, call };
}
