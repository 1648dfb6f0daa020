import { formatDuration } from '../../../ui/format.ts';
import type { Member, TimelineEntry } from './contracts.ts';

/** Entries that say the same of many alerts, as one line. */
export interface FoldedEntries {
  /** Of the first of them, epoch ms. */
  readonly at: number;
  readonly kind: string;
  /** `40 alerts joined: NodeHot (38), DiskFull (2)` */
  readonly text: string;
  /** In their order. */
  readonly entries: readonly TimelineEntry[];
}

/** What is further apart is not one thing that happened, ms. */
const WITHIN_MS = 60_000;
/** Two lines are read as fast as one that says that there are two. */
const LEAST_FOLDED = 3;
const MOST_NAMES = 3;
const SECOND_MS = 1000;

/** What becomes of many alerts at once, in words. */
const ACTS: Readonly<Record<string, string>> = { joined: 'joined', again: 'fired again', ended: 'ended' };

/** What became of an alert; null for all else. */
function actOf({ kind, what, of }: TimelineEntry): string | null {
  return kind === 'alert' && of !== '' && what !== null ? (ACTS[what] ?? null) : null;
}

/** A timeline in which runs of entries that say the same of alerts within a minute are one line each; all else stays as it is. */
export function foldedOf(
  entries: readonly TimelineEntry[],
  members: readonly Pick<Member, 'fingerprint' | 'labels'>[],
): readonly (TimelineEntry | FoldedEntries)[] {
  const names = new Map(members.map(({ fingerprint, labels }) => [fingerprint, labels['alertname']]));
  return runsOf(entries).flatMap(({ act, run }): readonly (TimelineEntry | FoldedEntries)[] => {
    const [first] = run;
    if (act === null || first === undefined || run.length < LEAST_FOLDED) return run;
    const took = (run.at(-1)?.at ?? first.at) - first.at;
    const within =
      took < SECOND_MS ? '' : ` within ${formatDuration(Math.ceil(took / SECOND_MS) * SECOND_MS)}`;
    const what = namesText(run.map(({ of }) => names.get(of)));
    const text = `${run.length} alerts ${act}${within}${what === '' ? '' : `: ${what}`}`;
    return [{ at: first.at, kind: first.kind, text, entries: run }];
  });
}

function runsOf(
  entries: readonly TimelineEntry[],
): readonly { readonly act: string | null; readonly run: readonly TimelineEntry[] }[] {
  const runs: { act: string | null; run: TimelineEntry[] }[] = [];
  for (const entry of entries) {
    const act = actOf(entry);
    const last = runs.at(-1);
    const isMore = last !== undefined && last.act === act && entry.at - (last.run[0]?.at ?? 0) < WITHIN_MS;
    if (isMore) last.run.push(entry);
    else runs.push({ act, run: [entry] });
  }
  return runs;
}

/** `NodeHot (38), DiskFull (2)`, the most frequent first; a name that all have alone; empty where none is known. */
function namesText(names: readonly (string | undefined)[]): string {
  const counts = new Map<string, number>();
  for (const name of names) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  const all = [...counts].sort(([, a], [, b]) => b - a);
  const [first] = all;
  if (first === undefined) return '';
  if (first[1] === names.length) return first[0];
  const named = all.slice(0, MOST_NAMES);
  const rest = names.length - named.reduce((sum, [, count]) => sum + count, 0);
  return [...named.map(([name, count]) => `${name} (${count})`), ...(rest > 0 ? [`${rest} more`] : [])].join(
    ', ',
  );
}
