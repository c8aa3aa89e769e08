import { Module } from "@nestjs/common";
import { ConfigModule, ConfigService } from "@nestjs/config";
import { APP_FILTER } from "@nestjs/core";
import { AccountController } from "./account.controller";
import { NaverModule } from "./naver.module";
import { NaverErrorFilter } from "./naver-error.filter";

@Module({
  imports: [
    NaverModule.registerAsync({
      imports: [ConfigModule.forRoot()],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        clientId: config.getOrThrow<string>("NAVER_COMMERCE_CLIENT_ID"),
        // In .env: NAVER_COMMERCE_CLIENT_SECRET=\$2a\$04\$…
        clientSecret: config.getOrThrow<string>("NAVER_COMMERCE_CLIENT_SECRET"),
      }),
    }),
  ],
  controllers: [AccountController],
  providers: [{ provide: APP_FILTER, useClass: NaverErrorFilter }],
})
export class AppModule {}
