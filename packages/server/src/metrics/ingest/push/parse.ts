import { METRIC_NAME } from '@pharos/promql';
import type { Exemplar, MetadataSink, MetricMetadata } from '../../sink.ts';
import { describeProblem, type ExpositionProblem, lineOf } from '../exposition/errors.ts';
import { readExemplar } from '../exposition/exemplar.ts';
import type { MetricType } from '../exposition/metadata.ts';
import { ENTRY, type ExpositionFormat, ExpositionScanner } from '../exposition/scanner.ts';
import { decodeSeries } from '../exposition/series.ts';

/** One pushed sample: labels decoded, with the metric name under `__name__`. */
export interface PushedSample {
  readonly labels: ReadonlyMap<string, string>;
  /** The metric family it belongs to: what a POST to its group replaces. */
  readonly family: string;
  readonly value: number;
  /** Milliseconds; null when the sample has no time of its own. */
  readonly timestamp: number | null;
  /** Null for none; its time is 0 when neither it nor the sample has one. */
  readonly exemplar: Exemplar | null;
  /** Offset in the body. */
  readonly at: number;
}

export interface PushedBody {
  readonly bytes: Uint8Array;
  readonly samples: readonly PushedSample[];
  readonly metadata: ReadonlyMap<string, MetricMetadata>;
  /** What was refused, line by line: at most 20 are kept, all are counted. */
  readonly problems: readonly ExpositionProblem[];
  readonly problemCount: number;
}

const MAX_PROBLEMS = 20;
/** Samples between breaths: a few milliseconds of work. */
const SLICE = 1_000;

/** Parses a pushed body, keeping what is valid and noting what is not. */
export async function parsePushed(
  body: Uint8Array,
  format: ExpositionFormat,
  breathe: () => Promise<void>,
): Promise<PushedBody> {
  const bytes = new Uint8Array(body.length + 1);
  bytes.set(body);
  const scanner = new ExpositionScanner(format);
  scanner.reset(bytes, body.length);
  const samples: PushedSample[] = [];
  const problems: ExpositionProblem[] = [];
  const families = new Families();
  let problemCount = 0;
  const refuse = (problem: ExpositionProblem): void => {
    problemCount++;
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
  };
  for (let round = 1; ; round++) {
    const entry = scanner.next();
    if (entry === ENTRY.end) return { bytes, samples, metadata: families.metadata, problems, problemCount };
    if (entry === ENTRY.problem) {
      refuse(scanner.problem());
      scanner.skipLine();
    } else if (entry === ENTRY.metadata) {
      const problem = families.line(scanner);
      if (problem !== null) refuse(problem);
    } else {
      const sample = readSample(scanner, families);
      if ('reason' in sample) refuse(sample);
      else samples.push(sample);
    }
    if (round % SLICE === 0) await breathe();
  }
}

function readSample(scanner: ExpositionScanner, families: Families): PushedSample | ExpositionProblem {
  const pairs = decodeSeries(scanner.bytes, scanner.seriesStart, scanner.seriesEnd);
  if (pairs === null) return scanner.problemHere('utf8', 'a label is not valid UTF-8');
  const labels = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    if (labels.has(name)) {
      return scanner.problemHere('labels', `label name ${JSON.stringify(name)} is not unique`);
    }
    labels.set(name, pairs[i + 1] ?? '');
  }
  return {
    labels,
    family: families.of(labels.get(METRIC_NAME) ?? ''),
    value: scanner.value,
    timestamp: scanner.hasTimestamp ? scanner.timestamp : null,
    exemplar: readExemplar(scanner, scanner.hasTimestamp ? scanner.timestamp : 0),
    at: scanner.seriesStart,
  };
}

const SUFFIXES: Readonly<Partial<Record<MetricType, readonly string[]>>> = {
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  summary: ['_sum', '_count', '_created'],
  counter: ['_total', '_created'],
  info: ['_info'],
};

/** The families a body declares, and which sample belongs to which. */
class Families {
  readonly metadata = new Map<string, MetricMetadata>();

  line(scanner: ExpositionScanner): ExpositionProblem | null {
    const line = scanner.metadata();
    if (typeof line === 'string') return scanner.problemHere('metadata', line);
    const known = this.metadata.get(line.metric) ?? { type: 'unknown', help: '', unit: '' };
    this.metadata.set(line.metric, {
      type: line.kind === 'type' ? line.type : known.type,
      help: line.kind === 'help' ? line.text : known.help,
      unit: line.kind === 'unit' ? line.text : known.unit,
    });
    return null;
  }

  of(name: string): string {
    if (this.metadata.has(name)) return name;
    const cut = name.lastIndexOf('_');
    const family = cut < 0 ? name : name.slice(0, cut);
    const type = this.metadata.get(family)?.type;
    return type !== undefined && SUFFIXES[type]?.includes(name.slice(cut)) === true ? family : name;
  }
}

/** One-based line of a sample. */
export function lineOfSample(body: PushedBody, sample: PushedSample): number {
  return lineOf(body.bytes, sample.at);
}

export function recordMetadata(body: PushedBody, tenant: string, sink: MetadataSink): void {
  for (const [metric, metadata] of body.metadata) sink.record(tenant, metric, metadata);
}

/** `line 3: ...: "..."`, and how many more there were. */
export function problemsText(body: PushedBody): string {
  const [first] = body.problems;
  if (first === undefined) return '';
  const more = body.problemCount - 1;
  return describeProblem(first) + (more === 0 ? '' : ` (and ${more} more)`);
}
