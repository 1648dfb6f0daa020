import { z } from 'zod';
import type { SpacedTime } from '../spacer.ts';

/** A record that has not ended: parts of a long line, or lines of one record. */
export interface PendingRecord {
  readonly ms: number;
  readonly nanos: number;
  /** Bytes as Latin-1, so that parts may end within a character. */
  readonly text: string;
  /** As much as a line may be is there; more is passed over until the record ends. */
  readonly full: boolean;
}

/** Where the reading of a file stands, and what is needed to go on from there. A value: never changed. */
export interface FileCursor {
  /** Bytes of the file that are durable, or in `pending`. */
  readonly offset: number;
  /** In the middle of a line that is too long: the rest of it is passed over. */
  readonly skip: boolean;
  /** By output stream (CRI, Docker; empty otherwise). */
  readonly pending: Readonly<Record<string, PendingRecord>>;
  readonly times: readonly SpacedTime[];
}

export const START: FileCursor = { offset: 0, skip: false, pending: {}, times: [] };

/** What is stored of a followed file. */
export interface SavedFile {
  readonly path: string;
  readonly cursor: FileCursor;
  /** Hash of the first bytes before the offset, and of the last: it tells this file from another of the same number. */
  readonly head: number;
  readonly tail: number;
}

const count = z.number().int().nonnegative();

export const savedFileSchema: z.ZodType<SavedFile> = z.object({
  path: z.string(),
  head: count,
  tail: count,
  cursor: z.object({
    offset: count,
    skip: z.boolean(),
    pending: z.record(
      z.string(),
      z.object({ ms: z.number(), nanos: count, text: z.string(), full: z.boolean() }),
    ),
    times: z.array(z.tuple([z.number(), count, count])),
  }),
});
