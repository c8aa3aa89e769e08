import { sellerAccount } from "../../../lib/naver.js";

// The same in the edge runtime, as on Vercel's edge network.
export const runtime = "edge";

export async function GET() {
  return Response.json(await sellerAccount());
}
