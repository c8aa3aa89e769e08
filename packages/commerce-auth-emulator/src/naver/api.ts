import { isRecord } from "../input-checks.ts";
import { type Answer, parseJson, type ReceivedRequest } from "../server/http-message.ts";
import type { NaverGateway } from "./gateway.ts";
import type { NaverRoute } from "./rules.ts";

/** Whose token came with an API call. */
export interface NaverApiCaller {
  clientId: string;
  type: "SELF" | "SELLER";
  /** Undefined with SELF: the application's own shop. */
  accountId: string | undefined;
}

/** A protected route, and the parameter in its path. */
export interface NaverRouteMatch {
  name: NaverRoute;
  parameter: string;
}

const ROUTES: readonly { name: NaverRoute; method: string; path: RegExp }[] = [
  { name: "seller-account", method: "GET", path: /^\/v1\/seller\/account$/ },
  { name: "channel-product", method: "GET", path: /^\/v2\/products\/channel-products\/(\d+)$/ },
  { name: "product-orders", method: "POST", path: /^\/v1\/pay-order\/seller\/product-orders\/query$/ },
];

/** The protected route of a request; `path` follows the API base. */
export function naverRouteOf(method: string, path: string): NaverRouteMatch | undefined {
  for (const route of ROUTES) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match !== null) return { name: route.name, parameter: match[1] ?? "" };
  }
  return undefined;
}

/** What a route answers to an accepted caller. The seller's id is in every answer, so that a mix-up of tokens shows. */
export function naverApiAnswer(
  route: NaverRouteMatch,
  request: ReceivedRequest,
  caller: NaverApiCaller,
  gateway: NaverGateway,
): Answer {
  const accountId = caller.accountId ?? `own-shop-of-${caller.clientId}`;
  if (route.name === "seller-account") {
    return gateway.traced(200, { accountId, accountUid: `uid-${accountId}`, grade: "POWER" });
  }
  if (route.name === "channel-product") {
    return gateway.traced(200, {
      originProduct: { statusType: "SALE", name: `상품 ${route.parameter}`, salePrice: 10_000, stockQuantity: 5 },
      smartstoreChannelProduct: {
        channelProductNo: Number(route.parameter),
        channelProductDisplayStatusType: "ON",
        accountId,
      },
    });
  }
  const query = parseJson(request.body.toString("utf8"));
  const productOrderIds: unknown = isRecord(query) ? query["productOrderIds"] : undefined;
  if (!Array.isArray(productOrderIds)) {
    const message = "productOrderIds 항목이 누락되었습니다.";
    return gateway.invalidInputs(400, [{ name: "productOrderIds", type: "NotBlank", message }]);
  }
  const data = productOrderIds.map((productOrderId: unknown) => ({ productOrder: { productOrderId, accountId } }));
  return gateway.traced(200, { timestamp: gateway.timestamp(), data });
}
