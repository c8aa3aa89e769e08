import { app, type Options } from "./app.js";

export default {
  async fetch(_request: Request, env: { options: Options }): Promise<Response> {
    return Response.json(await app(env.options));
  },
};
