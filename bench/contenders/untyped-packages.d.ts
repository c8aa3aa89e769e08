// The used part of packages without types, or with types that the compiler does not find.

declare module "iamporter" {
  export class Iamporter {
    constructor(options: { apiKey: string; secret: string; host: string });
    readonly token: string | undefined;
    _updateToken(): Promise<unknown>;
    findByImpUid(impUid: string): Promise<{ readonly status: number }>;
  }
}

declare module "iamport-rest-client-nodejs" {
  interface IamportRestClient {
    getHeaders(): Promise<{ readonly Authorization: string }>;
  }
  const iamport: {
    readonly Iamport: new (options: { apiKey: string; apiSecret: string; baseUrl: string }) => IamportRestClient;
    readonly Request: {
      readonly Payments: {
        getByImpUid(params: { imp_uid: string }): {
          request(client: IamportRestClient): Promise<{ readonly status: number }>;
        };
      };
    };
  };
  export default iamport;
}

declare module "simple-oauth2" {
  export interface AccessToken {
    readonly token: Readonly<Record<string, unknown>>;
    expired(windowSeconds?: number): boolean;
  }
  export class ClientCredentials {
    constructor(options: {
      client: { id: string; secret: string };
      auth: { tokenHost: string; tokenPath: string };
      options: { authorizationMethod: "body" | "header" };
    });
    getToken(params: object): Promise<AccessToken>;
  }
}

declare module "bcrypt" {
  export function hash(password: string, salt: string): Promise<string>;
}
