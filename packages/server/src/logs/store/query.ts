import type { Labels } from '@pharos/promql';
import type { LineChunk, RowLine } from './chunk.ts';
import type { Words } from './hasher.ts';

/** Which lines are asked for. All that is given must hold; within a list one is enough. */
export interface LineFilter {
  /** Canonical service names. */
  readonly services?: readonly string[];
  readonly levels?: readonly string[];
  /** Whole words of the message, whatever their case; all of them. */
  readonly words?: readonly string[];
  readonly trace?: string;
  readonly request?: string;
  /** Structured metadata, by name and value; all of them. */
  readonly metadata?: ReadonlyMap<string, string>;
}

/** A line's place in the order of answers: time, then stream and message hash, which tell apart those of one time. */
export interface LinePlace {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly stream: bigint;
  readonly id: bigint;
}

export interface LineQuery extends LineFilter {
  readonly tenant: string;
  /** Nanoseconds since the epoch, from inclusive, to exclusive. */
  readonly from: bigint;
  readonly to: bigint;
  readonly direction: 'forward' | 'backward';
  readonly limit: number;
  /** Only what comes after this place, in the direction. */
  readonly after?: LinePlace;
}

/** A line as it is answered. */
export interface FoundLine extends RowLine {
  readonly place: LinePlace;
  readonly labels: Labels;
}

export interface LineAnswer {
  /** In the direction asked for. */
  readonly lines: readonly FoundLine[];
  /** Whether there may be more after the last one. */
  readonly more: boolean;
  readonly warnings: readonly string[];
}

function bigOf({ low, high }: Words): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/** Before 0, after 0, or the same place, in the order of time. */
export function comparePlaces(a: LinePlace, b: LinePlace): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

export function placeOf({ ms, nanos, streams, ids }: LineChunk, row: number): LinePlace {
  return {
    time: BigInt(ms[row]) * 1_000_000n + BigInt(nanos[row]),
    stream: bigOf({ low: streams[row * 2], high: streams[row * 2 + 1] }),
    id: bigOf({ low: ids[row * 2], high: ids[row * 2 + 1] }),
  };
}

/** The words of a text as the engine's index cuts them (`splitByNonAlpha`): runs of letters, digits and anything beyond ASCII. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9\u0080-\u{10ffff}]+/gu) ?? [];
}

/** A filter made ready to be asked of many lines in memory. */
export function createLineMatcher({ services, levels, words, trace, request, metadata }: LineFilter) {
  const wanted = words ?? [];
  return (line: RowLine): boolean => {
    if (services !== undefined && !services.includes(line.service)) return false;
    if (levels !== undefined && !levels.includes(line.level)) return false;
    if (trace !== undefined && line.trace !== trace) return false;
    if (request !== undefined && line.request !== request) return false;
    if (metadata !== undefined && !hasAll(line.metadata, metadata)) return false;
    if (wanted.length === 0) return true;
    const lower = line.message.toLowerCase();
    if (!wanted.every((word) => lower.includes(word))) return false;
    const present = new Set(wordsOf(line.message));
    return wanted.every((word) => present.has(word));
  };
}

function hasAll(pairs: readonly string[], wanted: ReadonlyMap<string, string>): boolean {
  for (const [name, value] of wanted) {
    let found = false;
    for (let i = 0; i < pairs.length && !found; i += 2) found = pairs[i] === name && pairs[i + 1] === value;
    if (!found) return false;
  }
  return true;
}
