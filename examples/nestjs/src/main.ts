import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { AppModule } from "./app.module";

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  // SIGTERM ends the application: NaverModule closes the client.
  app.enableShutdownHooks();
  await app.listen(process.env.PORT ?? 3000);
}

void main();
