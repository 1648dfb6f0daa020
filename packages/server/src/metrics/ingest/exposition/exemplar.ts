import { Labels } from '@pharos/promql';
import type { Exemplar } from '../../sink.ts';
import type { ExpositionScanner } from './scanner.ts';
import { decodeSeries } from './series.ts';

/**
 * The exemplar of the sample that the scanner stands at, or null when it has none that is valid UTF-8. Without a time of its own it
 * has the sample's.
 */
export function readExemplar(scanner: ExpositionScanner, sampleTime: number): Exemplar | null {
  if (scanner.exemplarStart < 0) return null;
  const pairs = decodeSeries(scanner.bytes, scanner.exemplarStart, scanner.exemplarEnd);
  if (pairs === null) return null;
  const labels = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) labels.set(pairs[i] ?? '', pairs[i + 1] ?? '');
  const own = scanner.exemplarTimestamp;
  return {
    labels: Labels.fromMap(labels),
    value: scanner.exemplarValue,
    timestamp: Number.isNaN(own) ? sampleTime : own,
  };
}
