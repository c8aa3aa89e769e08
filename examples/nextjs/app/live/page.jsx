import { sellerAccount } from "../../lib/naver.js";

// A server component that is rendered at each request.
export const dynamic = "force-dynamic";

export default async function Page() {
  const { accountId } = await sellerAccount();
  return (
    <p>
      {accountId}, rendered {Date.now()}
    </p>
  );
}
