/** Where text goes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The input: a terminal, a pipe or a file. */
export interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
}

/** All that the command knows of the process around it. Tests hand in their own. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** From now on a request to stop ends the process no more. It aborts this signal. */
  readonly stopSignal: () => AbortSignal;
  /** Waits for ms to pass. Default: real time. */
  readonly wait?: ((ms: number) => Promise<unknown>) | undefined;
}
