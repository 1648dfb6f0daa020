import { httpClientErrors } from '../../http-client/errors.ts';

/** The lines of a UTF-8 stream, without empty ones; the last one also when its end is missing. */
export async function* lines(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > maxBytes)
      throw httpClientErrors.make('too_large', `a line is longer than ${maxBytes} bytes`);
    for (const part of parts) if (part.trim() !== '') yield part;
  }
  if (rest.trim() !== '') yield rest;
}
