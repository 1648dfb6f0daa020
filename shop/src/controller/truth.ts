import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { iso } from '../shared/clock.ts';
import type { FaultParams } from '../shared/faults/kinds.ts';

/** What was really wrong, where and when. `to` is null while it lasts. */
interface TruthEntry {
  readonly id: string;
  readonly what: string;
  readonly where: string;
  readonly parameters: FaultParams;
  readonly from: string;
  readonly to: string | null;
  readonly cause: string;
}

const began = z.object({
  event: z.literal('began'),
  id: z.string(),
  what: z.string(),
  where: z.string(),
  parameters: z.record(z.string(), z.union([z.number(), z.string()])),
  from: z.string(),
  until: z.string().nullable(),
  cause: z.string(),
});
const ended = z.object({ event: z.literal('ended'), id: z.string(), to: z.string() });
const line = z.discriminatedUnion('event', [began, ended]);

type Began = Omit<z.infer<typeof began>, 'event'>;

/**
 * The ground truth: an append-only file of one JSON object per line, `began` and `ended`. Nothing in it is ever changed.
 * The file's modification time is the controller's last heartbeat, so that what a killed controller left open can be
 * closed at the moment when the services' leases really ran out.
 */
export interface TruthLog {
  began(fault: Began): void;
  ended(id: string, at: number): void;
  /** Says that the controller still lives and its faults still last. */
  heartbeat(at: number): void;
  /** Oldest first. `since`: only what lasted until then or later. */
  entries(since?: number): readonly TruthEntry[];
}

/** Opens the log. Faults that a previous controller left open ended `leaseMs` after its last heartbeat, or when they were due. */
export function openTruthLog(file: string, now: number, leaseMs: number): TruthLog {
  mkdirSync(dirname(file), { recursive: true });
  const entries = new Map<string, TruthEntry & { readonly until: string | null }>();
  const append = (record: z.infer<typeof line>): void => {
    appendFileSync(file, `${JSON.stringify(record)}\n`);
    apply(entries, record);
  };
  const end = (id: string, at: number): void => append({ event: 'ended', id, to: iso(at) });
  if (existsSync(file)) {
    const lastSeen = statSync(file).mtimeMs;
    for (const record of readLines(file)) apply(entries, record);
    for (const entry of entries.values()) {
      if (entry.to !== null) continue;
      const due = entry.until === null ? Number.POSITIVE_INFINITY : Date.parse(entry.until);
      end(entry.id, Math.min(now, due, lastSeen + leaseMs));
    }
  }
  return {
    began: (fault) => append({ event: 'began', ...fault }),
    ended: end,
    heartbeat: (at) => {
      if (existsSync(file)) utimesSync(file, at / 1000, at / 1000);
    },
    entries: (since = 0) =>
      Array.from(entries.values())
        .filter((entry) => entry.to === null || Date.parse(entry.to) >= since)
        .map(({ until: _until, ...entry }) => entry),
  };
}

function apply(
  entries: Map<string, TruthEntry & { readonly until: string | null }>,
  record: z.infer<typeof line>,
): void {
  if (record.event === 'began') {
    const { event: _event, ...fault } = record;
    entries.set(record.id, { ...fault, to: null });
    return;
  }
  const entry = entries.get(record.id);
  if (entry !== undefined) entries.set(record.id, { ...entry, to: record.to });
}

/** A last line that was cut by a crash says nothing and is skipped. */
function readLines(file: string): z.infer<typeof line>[] {
  const records: z.infer<typeof line>[] = [];
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    try {
      const record = line.safeParse(JSON.parse(text));
      if (record.success) records.push(record.data);
    } catch {
      continue;
    }
  }
  return records;
}
