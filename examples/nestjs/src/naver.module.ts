import { ConfigurableModuleBuilder, Inject, Module, type OnApplicationShutdown } from "@nestjs/common";
import { createNaverCommerceAuth, type NaverCommerceAuth, type NaverCommerceAuthOptions } from "@x/naver-commerce-auth";

/** Inject the client by this token. */
export const NAVER = Symbol("naver");

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<NaverCommerceAuthOptions>().build();

/** One client for the whole application: `NaverModule.registerAsync({ useFactory: () => options })`. */
@Module({
  providers: [{ provide: NAVER, inject: [MODULE_OPTIONS_TOKEN], useFactory: createNaverCommerceAuth }],
  exports: [NAVER],
})
export class NaverModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Inject(NAVER) private readonly naver: NaverCommerceAuth) {
    super();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.naver.close();
  }
}
