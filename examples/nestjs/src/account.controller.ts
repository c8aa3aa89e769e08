import { Controller, Get, Inject, ServiceUnavailableException } from "@nestjs/common";
import { type NaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";
import { NAVER } from "./naver.module";

@Controller()
export class AccountController {
  constructor(@Inject(NAVER) private readonly naver: NaverCommerceAuth) {}

  @Get("account")
  account(): Promise<{ accountId: string }> {
    return naverResult(this.naver.api.get("v1/seller/account"));
  }

  /** For the load balancer. It sends nothing to Naver. */
  @Get("health")
  async health() {
    const { credentials, usable, lastError } = await this.naver.check();
    const health = { credentials, usable, lastError: lastError?.code };
    if (credentials !== "known" || (lastError && !usable)) throw new ServiceUnavailableException(health);
    return health;
  }
}
