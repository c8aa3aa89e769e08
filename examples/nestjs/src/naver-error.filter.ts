import { type ArgumentsHost, BadGatewayException, Catch, type ExceptionFilter, Logger } from "@nestjs/common";
import { BaseExceptionFilter } from "@nestjs/core";
import { NaverApiError, TokenError } from "@x/naver-commerce-auth";

/** The customer learns that it is not their fault. The log gets the reason: no error holds a token or a secret. */
@Catch()
export class NaverErrorFilter extends BaseExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger("Naver");

  override catch(error: unknown, host: ArgumentsHost): void {
    const isOurs = TokenError.is(error) || error instanceof NaverApiError;
    if (isOurs) this.logger.error(error);
    super.catch(isOurs ? new BadGatewayException("Naver does not answer. Try again later.") : error, host);
  }
}
