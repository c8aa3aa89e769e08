import { abortable } from "./abortable.ts";

interface HasBody {
  readonly body: ReadableStream<Uint8Array> | null;
}

/**
 * The body's bytes. `undefined` if there are more than `maxBytes`: the rest is left unread.
 *
 * @throws the signal's reason if that comes first
 */
export async function readBoundedBytes(
  source: HasBody,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = source.body?.getReader();
  const next = () => reader && abortable(reader.read(), signal);
  let isWhole = false;
  try {
    for (let read = await next(); read?.done === false; read = await next()) {
      chunks.push(read.value);
      length += read.value.byteLength;
      if (length > maxBytes) return undefined;
    }
    isWhole = true;
  } finally {
    if (!isWhole) reader?.cancel().catch(() => {});
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** The body's text, as {@link readBoundedBytes} reads it. */
export async function readBoundedText(
  source: HasBody,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const bytes = await readBoundedBytes(source, maxBytes, signal);
  return bytes && new TextDecoder().decode(bytes);
}
