/** Warns of a store that cannot work as it is set up: by Node's process warnings, else on the console. */
export function warnOfUnusableStore(cause: string): void {
  const message = `The token store cannot be used, so tokens are not shared. ${cause}`;
  const { process } = globalThis as { process?: { emitWarning?(message: string, options: object): void } };
  if (process?.emitWarning !== undefined) process.emitWarning(message, { type: "TokenStoreWarning" });
  else console.warn(message);
}
