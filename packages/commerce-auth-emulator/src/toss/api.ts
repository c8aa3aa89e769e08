import { isRecord } from "../input-checks.ts";
import { type Answer, jsonAnswer, parseJson, type ReceivedRequest } from "../server/http-message.ts";

interface Category {
  id: number;
  name: string;
  level: number;
  parentId: number | null;
  isLeaf: boolean;
  policy: null;
}

/** The top level is the example in the documents. One branch has children, for a request with an id. */
const CATEGORIES: readonly Category[] = [
  { id: 14817, name: "가구/홈데코", level: 1, parentId: null, isLeaf: false, policy: null },
  { id: 30343, name: "출산/유아동", level: 1, parentId: null, isLeaf: false, policy: null },
  { id: 34635, name: "패션의류잡화", level: 1, parentId: null, isLeaf: false, policy: null },
  { id: 14818, name: "가구", level: 2, parentId: 14817, isLeaf: false, policy: null },
  { id: 14819, name: "책상", level: 3, parentId: 14818, isLeaf: true, policy: null },
];

const REASONS: Readonly<Record<string, string>> = {
  UNAUTHORIZED: "Access Token이 유효하지 않습니다.",
  TOO_MANY_REQUEST: "요청이 너무 많습니다.",
  INVALID_SOLUTION_CODE: "통합솔루션 code가 유효하지 않습니다.",
  INVALID_REQUEST: "요청 형식이 올바르지 않습니다.",
  NOT_FOUND: "존재하지 않는 경로입니다.",
};

/** The API's envelope of a failure. Its status is 200 except for refused tokens and outages, as documented. */
export function tossFailure(status: number, errorCode: string, reason = REASONS[errorCode] ?? errorCode): Answer {
  return jsonAnswer(status, { resultType: "FAIL", error: { errorCode, reason } });
}

/** The API behind the token check. */
export class TossApi {
  readonly #solutionCodes: readonly string[] | "any";
  #productCount = 0;

  constructor(solutionCodes: readonly string[] | "any") {
    this.#solutionCodes = solutionCodes;
  }

  /** Answers a request with an accepted token. `path` is what follows the API base. */
  answer(request: ReceivedRequest, path: string): Answer {
    // Integrators put their solution code first. Sellers who develop for their own shop call the same routes without it.
    const match = /^(?:\/([^/]+))?\/products(\/categories\/children)?$/.exec(path);
    if (match === null) return tossFailure(404, "NOT_FOUND");
    const [, solutionCode, categories] = match;
    if (solutionCode !== undefined && this.#solutionCodes !== "any" && !this.#solutionCodes.includes(solutionCode)) {
      return tossFailure(200, "INVALID_SOLUTION_CODE");
    }
    if (categories !== undefined && request.method === "GET") return categoryChildren(request.query.get("id"));
    if (categories === undefined && request.method === "POST") return this.#createProduct(request);
    return tossFailure(405, "INVALID_REQUEST", `${request.method} is not allowed here.`);
  }

  reset(): void {
    this.#productCount = 0;
  }

  #createProduct(request: ReceivedRequest): Answer {
    const product = parseJson(request.body.toString("utf8"));
    if (!isRecord(product)) return tossFailure(200, "INVALID_REQUEST", "The body must be a JSON object.");
    this.#productCount += 1;
    return success({ productId: 1_000_000 + this.#productCount, name: product["name"] ?? null });
  }
}

/** The direct children of a category; without an id, the top level. */
function categoryChildren(id: string | null): Answer {
  const parentId = id === null ? null : Number(id);
  if (Number.isNaN(parentId)) return tossFailure(200, "INVALID_REQUEST", "id must be a number.");
  return success({ items: CATEGORIES.filter((category) => category.parentId === parentId) });
}

function success(value: unknown): Answer {
  return jsonAnswer(200, { resultType: "SUCCESS", success: value });
}
