import type { LaneRule, RateLimitedCall } from "../contract/rate-limits.ts";

/** Segments of a path that name a thing and not one of many: lower-case words with hyphens, and version numbers. */
const FIXED_SEGMENT = /^(?:v\d+|[a-z]+(?:-[a-z]+)*)$/;

/**
 * The template of a path: every segment that may be a parameter becomes `{}`, as in `/v2/products/{}`. Two routes that
 * look alike share a template.
 */
export function routeTemplate(path: string): string {
  return path
    .split("/")
    .map((segment) => (segment === "" || FIXED_SEGMENT.test(segment) ? segment : "{}"))
    .join("/");
}

const MOST_REMEMBERED_PATHS = 1_000;

/**
 * For a provider that counts by method and route: {@link RateLimitRules.laneOf} by a function that gives the rule of
 * a route such as `GET /v2/products/{}`. Remembers the paths of the last calls, so that it is quick.
 */
export function lanesByRoute(ruleOf: (route: string) => LaneRule): (call: RateLimitedCall) => LaneRule {
  const byRoute = new Map<string, LaneRule>();
  /** By path and method: to look up a text made of both takes longer. */
  const byPath = new Map<string, Map<string, LaneRule>>();
  return ({ method, url: { pathname } }) => {
    const remembered = byPath.get(pathname);
    let rule = remembered?.get(method);
    if (rule !== undefined) return rule;
    const route = `${method} ${routeTemplate(pathname)}`;
    rule = byRoute.get(route) ?? ruleOf(route);
    if (byPath.size >= MOST_REMEMBERED_PATHS) byPath.clear();
    if (byRoute.size >= MOST_REMEMBERED_PATHS) byRoute.clear();
    byPath.set(pathname, (remembered ?? new Map<string, LaneRule>()).set(method, rule));
    byRoute.set(route, rule);
    return rule;
  };
}
