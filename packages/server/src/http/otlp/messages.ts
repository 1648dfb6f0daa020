import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { otlpErrors } from './errors.ts';
import type { ExportOutcome } from './signal.ts';

/** An Export…ServiceResponse: the same message for every signal. */
export function exportResponse({ rejected, message }: ExportOutcome): Uint8Array {
  const writer = new ProtobufWriter();
  if (rejected > 0 || message !== '')
    writer.message(1, (partial) => partial.varint(1, rejected).text(2, message));
  return Uint8Array.from(writer.bytes);
}

/** The same in JSON, where the count's name tells the signal. */
export function exportResponseJson({ rejected, message }: ExportOutcome, rejectedField: string): string {
  return rejected === 0 && message === ''
    ? '{}'
    : JSON.stringify({ partialSuccess: { [rejectedField]: String(rejected), errorMessage: message } });
}

/** The object of a JSON request, `expected` being its field of content. Throws `otlp.malformed` for what is no JSON object. */
export function parseExportJson(text: string, expected: string): unknown {
  // An empty body is an empty request under any content type.
  if (text === '') return {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw otlpErrors.make(
      'malformed',
      `the body is not JSON: ${cause instanceof Error ? cause.message : ''}`,
    );
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw otlpErrors.make('malformed', `the body is JSON but no object, expected {"${expected}": [...]}`);
  return json;
}
