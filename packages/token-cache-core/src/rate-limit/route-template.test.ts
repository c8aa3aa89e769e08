import { expect, it } from "vitest";
import { routeTemplate } from "./route-template.ts";

it.each([
  ["/v1/seller/account", "/v1/seller/account"],
  ["/v2/products/channel-products/1234", "/v2/products/channel-products/{}"],
  ["/v1/pay-order/seller/product-orders/2026112112345/dispatch", "/v1/pay-order/seller/product-orders/{}/dispatch"],
  ["/payments/imp_448280090638", "/payments/{}"],
  ["/payments/ORDER-A/cancel", "/payments/{}/cancel"],
  ["/v2/%ED%95%9C", "/v2/{}"],
  ["/", "/"],
  ["/v1//x/", "/v1//x/"],
])("the route of %s is %s", (path, template) => {
  expect(routeTemplate(path)).toBe(template);
});
