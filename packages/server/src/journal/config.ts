import { z } from 'zod';

const MIB = 1024 * 1024;
const bytes = (fallback: number, least: number) => z.number().int().min(least).default(fallback);

/** Settings of the journal and the flusher. Sizes in bytes, times in seconds. */
export const journalConfigSchema = z.strictObject({
  segmentBytes: bytes(32 * MIB, 4096).describe('A segment file is closed once it is at least this long.'),
  limitBytes: bytes(1024 * MIB, 4096).describe(
    'Unflushed bytes from which on requests are refused with 503 and Retry-After.',
  ),
  freeDiskBytes: bytes(256 * MIB, 0).describe(
    'Requests are refused while the disk has less free space than this.',
  ),
  retainBytes: bytes(512 * MIB, 0).describe(
    'Flushed bytes that stay on disk for those who forward them elsewhere and are behind.',
  ),
  requestBytes: bytes(128 * MIB, 1024).describe('Largest request, all tables together.'),
  queueBytes: bytes(64 * MIB, 1024).describe(
    'Bytes that may wait in memory for the disk; one larger request may wait alone.',
  ),
  batchBytes: bytes(8 * MIB, 1024).describe('Requests are written and synced together up to this size.'),
  flushSeconds: z
    .number()
    .positive()
    .max(3600)
    .default(30)
    .describe(
      'Longest time until rows go to the engine. Queries see them before; each flush makes a part, and parts cost merges.',
    ),
  blockRows: z.number().int().positive().max(250_000).default(250_000).describe('Most rows in one insert.'),
  blockBytes: bytes(64 * MIB, 1024).describe('Most bytes in one insert.'),
  insertBytes: bytes(32 * MIB, 1024).describe(
    'About as many bytes go to the engine in one insert; it takes several times as much memory for long texts with an index.',
  ),
  cutBytes: bytes(32 * MIB, 1024).describe('Most bytes of rows held in memory while flushing.'),
  attempts: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe('How often a block is tried that the engine refuses, before its bad rows go to quarantine.'),
  retrySeconds: z.number().positive().max(60).default(0.25).describe('First pause after a failed insert.'),
  retryMaxSeconds: z.number().positive().max(600).default(10).describe('Longest pause after failed inserts.'),
});

export type JournalConfig = z.infer<typeof journalConfigSchema>;
