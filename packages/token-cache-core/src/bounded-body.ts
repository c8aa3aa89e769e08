interface HasBody {
  readonly body: ReadableStream<Uint8Array> | null;
}

/** The body's bytes; `undefined`, with the rest left unread, where there are more than `maxBytes`. */
export async function readBoundedBytes(
  source: HasBody,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = source.body?.getReader();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
    chunks.push(read.value);
    length += read.value.byteLength;
    if (length > maxBytes) {
      reader?.cancel().catch(() => {});
      return undefined;
    }
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** The body's text; `undefined`, with the rest left unread, where it is longer than `maxBytes`. */
export async function readBoundedText(source: HasBody, maxBytes: number): Promise<string | undefined> {
  const bytes = await readBoundedBytes(source, maxBytes);
  return bytes && new TextDecoder().decode(bytes);
}
