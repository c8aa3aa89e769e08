import { isRecord } from "../input-checks.ts";
import { type Answer, parseJson, type ReceivedRequest } from "../server/http-message.ts";
import type { NaverGateway } from "./gateway.ts";
import type { NaverRoute } from "./options.ts";

/** The holder of an API call's token. */
export interface NaverApiCaller {
  clientId: string;
  type: "SELF" | "SELLER";
  /** Undefined with SELF: the application's own store. */
  accountId: string | undefined;
}

/** A protected route, and the parameter of its path. */
export interface NaverRouteMatch {
  name: NaverRoute;
  parameter: string;
  /** The query parameters of a list; undefined for any other route. */
  required: readonly string[] | undefined;
}

interface Route {
  name: NaverRoute;
  method: string;
  path: RegExp;
  /** The query parameters without which a list answers 400. */
  required?: readonly string[];
}

const ROUTES: readonly Route[] = [
  { name: "seller-account", method: "GET", path: /^\/v1\/seller\/account$/ },
  { name: "channel-product", method: "GET", path: /^\/v2\/products\/channel-products\/(\d+)$/ },
  { name: "product-orders", method: "POST", path: /^\/v1\/pay-order\/seller\/product-orders\/query$/ },
  { name: "product-images", method: "POST", path: /^\/v1\/product-images\/upload$/ },
  {
    name: "product-attributes",
    method: "GET",
    path: /^\/v1\/product-attributes\/attributes$/,
    required: ["categoryId"],
  },
  {
    name: "order-changes",
    method: "GET",
    path: /^\/v1\/pay-order\/seller\/product-orders\/last-changed-statuses$/,
    required: ["lastChangedFrom"],
  },
  {
    name: "inquiries",
    method: "GET",
    path: /^\/v1\/pay-user\/inquiries$/,
    required: ["startSearchDate", "endSearchDate"],
  },
  {
    name: "settlements",
    method: "GET",
    path: /^\/v1\/pay-settle\/settle\/daily$/,
    required: ["startDate", "endDate"],
  },
];

/** Enough for a real query. A body of megabytes would hold millions of ids. */
const MAX_ORDER_IDS = 300;

/** The store account of a caller. */
export function storeOf({ clientId, accountId }: NaverApiCaller): string {
  return accountId ?? `own-shop-of-${clientId}`;
}

/** The protected route of a request. `path` is what follows the API base. */
export function naverRouteOf(method: string, path: string): NaverRouteMatch | undefined {
  for (const route of ROUTES) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match !== null) return { name: route.name, parameter: match[1] ?? "", required: route.required };
  }
  return undefined;
}

/** A route's answer to an accepted caller. It contains the store account, so that a test sees a mix-up of tokens. */
export function naverApiAnswer(
  route: NaverRouteMatch,
  request: ReceivedRequest,
  caller: NaverApiCaller,
  gateway: NaverGateway,
): Answer {
  const accountId = storeOf(caller);
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
  if (route.required !== undefined) return listAnswer(route.required, request, gateway);
  const query = parseJson(request.body.toString("utf8"));
  const productOrderIds: unknown = isRecord(query) ? query["productOrderIds"] : undefined;
  if (!Array.isArray(productOrderIds)) {
    const message = "productOrderIds 항목이 누락되었습니다.";
    return gateway.invalidInputs(400, [{ name: "productOrderIds", type: "NotBlank", message }]);
  }
  if (productOrderIds.length > MAX_ORDER_IDS) {
    const message = `productOrderIds 항목은 ${MAX_ORDER_IDS}개까지 입력할 수 있습니다.`;
    return gateway.invalidInputs(400, [{ name: "productOrderIds", type: "Size", message }]);
  }
  const data = productOrderIds.map((productOrderId: unknown) => ({ productOrder: { productOrderId, accountId } }));
  return gateway.traced(200, { timestamp: gateway.timestamp(), data });
}

/** An empty list, or the error of a missing parameter, which only an application with the permission gets. */
function listAnswer(required: readonly string[], { query }: ReceivedRequest, gateway: NaverGateway): Answer {
  const missing = required.filter((name) => !query.get(name));
  if (missing.length === 0) return gateway.traced(200, { timestamp: gateway.timestamp(), data: [] });
  const inputs = missing.map((name) => ({ name, type: "NotBlank", message: `${name} 항목이 누락되었습니다.` }));
  return gateway.invalidInputs(400, inputs);
}
