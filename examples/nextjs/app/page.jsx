import { sellerAccount } from "../lib/naver.js";

// Incremental static regeneration: rendered at build, and at most once a minute after that.
export const revalidate = 60;

export default async function Page() {
  const { accountId } = await sellerAccount();
  return (
    <p>
      {accountId}, rendered {Date.now()}
    </p>
  );
}
