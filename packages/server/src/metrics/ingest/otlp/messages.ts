import { ProtobufWriter } from '../../../kernel/wire/protobuf-writer.ts';

/** What an accepted request is told: nothing, or which points were not taken (OT-1). */
export interface ExportOutcome {
  readonly rejected: number;
  readonly message: string;
}

/** An ExportMetricsServiceResponse. */
export function exportResponse({ rejected, message }: ExportOutcome): Uint8Array {
  const writer = new ProtobufWriter();
  if (rejected > 0 || message !== '')
    writer.message(1, (partial) => partial.varint(1, rejected).text(2, message));
  return Uint8Array.from(writer.bytes);
}

export function exportResponseJson({ rejected, message }: ExportOutcome): string {
  return rejected === 0 && message === ''
    ? '{}'
    : JSON.stringify({ partialSuccess: { rejectedDataPoints: String(rejected), errorMessage: message } });
}
