/** What the process ends with. The README documents them. */
export const EXIT = {
  /** No problem was found, at most warnings; or the command did what it was asked. */
  ok: 0,
  /** A problem was found, a rule is broken, or there is no token. */
  problem: 1,
  /** The command line is wrong, a file cannot be read, or credentials are missing. */
  usage: 2,
  /** The command itself failed. */
  failed: 3,
  /** Ctrl+C in the prompt. */
  interrupted: 130,
} as const;
