import { STATUSES } from './event.ts';
import { type EventChunk, readEvent, statusAt } from './store/chunk.ts';
import type { EventsTelemetry } from './telemetry.ts';

/** Sources with series of their own. */
const MOST_SOURCES = 500;
const OTHERS = 'other';
/** Rules with a series of their own. */
const MOST_RULES = 300;

/** Counts verdicts and issues for the metrics: added up by chunk, because each increment looks its labels up. */
export class VerdictCounts {
  readonly #telemetry: EventsTelemetry;
  readonly #sources = new Set<string>();
  readonly #rules = new Set<string>();

  constructor(telemetry: EventsTelemetry) {
    this.#telemetry = telemetry;
  }

  observe(chunk: EventChunk): void {
    const bySource = new Map<string, number[]>();
    const byRule = new Map<string, number>();
    for (let row = 0; row < chunk.rows; row++) {
      const source = known(this.#sources, chunk.sources[row], MOST_SOURCES);
      let counts = bySource.get(source);
      if (counts === undefined) bySource.set(source, (counts = [0, 0, 0]));
      counts[chunk.statuses[row]]++;
      if (statusAt(chunk, row) === 'NORMAL') continue;
      for (const rule of readEvent(chunk, row).rules) {
        const name = known(this.#rules, rule, MOST_RULES);
        byRule.set(name, (byRule.get(name) ?? 0) + 1);
      }
    }
    for (const [source, counts] of bySource)
      for (const [index, status] of STATUSES.entries())
        if (counts[index] > 0) this.#telemetry.verdicts.inc({ source, status }, counts[index]);
    for (const [rule, events] of byRule) this.#telemetry.issues.inc({ rule }, events);
  }
}

function known(names: Set<string>, name: string, most: number): string {
  if (names.has(name)) return name;
  if (names.size >= most) return OTHERS;
  names.add(name);
  return name;
}
