import { PROVIDERS, type Provider } from "@x/commerce-auth-emulator";

/** A record with a value for each provider. */
export function eachProvider<T>(what: (provider: Provider) => T): Record<Provider, T> {
  return Object.fromEntries(PROVIDERS.map((provider) => [provider, what(provider)])) as Record<Provider, T>;
}
