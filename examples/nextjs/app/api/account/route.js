import { sellerAccount } from "../../../lib/naver.js";

// A route handler that is called at each request.
export const dynamic = "force-dynamic";

export async function GET() {
  return Response.json(await sellerAccount());
}
