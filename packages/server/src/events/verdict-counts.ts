import { BoundedNames } from '../kernel/bounded-names.ts';
import { type Decision, STATUSES, type Status } from './event.ts';
import { type EventChunk, readEvent, statusAt } from './store/chunk.ts';
import type { EventsTelemetry } from './telemetry.ts';

/** Sources with series of their own. */
const MOST_SOURCES = 500;
/** Rules with a series of their own. */
const MOST_RULES = 300;

/** Counts verdicts, decisions and issues for the metrics: added up by chunk, because each increment looks its labels up. */
export class VerdictCounts {
  readonly #telemetry: EventsTelemetry;
  readonly #sources = new BoundedNames(MOST_SOURCES);
  readonly #rules = new BoundedNames(MOST_RULES);

  constructor(telemetry: EventsTelemetry) {
    this.#telemetry = telemetry;
  }

  observe(chunk: EventChunk): void {
    const statuses = new Map<string, number[]>();
    const decisions = new Sums<readonly [source: string, decision: Decision]>();
    const issues = new Sums<readonly [rule: string, status: Status]>();
    for (let row = 0; row < chunk.rows; row++) {
      const source = this.#sources.of(chunk.sources[row]);
      let counts = statuses.get(source);
      if (counts === undefined) statuses.set(source, (counts = [0, 0, 0]));
      counts[chunk.statuses[row]]++;
      const status = statusAt(chunk, row);
      // Nothing is to be done about it, and reading it would cost more than all of this.
      if (status === 'NORMAL') continue;
      const { decision, rules } = readEvent(chunk, row);
      decisions.add([source, decision]);
      for (const rule of rules) issues.add([this.#rules.of(rule), status]);
    }
    for (const [source, counts] of statuses) {
      for (const [index, status] of STATUSES.entries())
        if (counts[index] > 0) this.#telemetry.verdicts.inc({ source, status }, counts[index]);
      if (counts[0] > 0) this.#telemetry.decisions.inc({ source, decision: 'CONTINUE' }, counts[0]);
    }
    for (const [[source, decision], events] of decisions.all)
      this.#telemetry.decisions.inc({ source, decision }, events);
    for (const [[rule, status], events] of issues.all) this.#telemetry.issues.inc({ rule, status }, events);
  }
}

/** How often each pair came. */
class Sums<Pair extends readonly [string, string]> {
  readonly #counts = new Map<string, [pair: Pair, count: number]>();

  add(pair: Pair): void {
    const key = `${pair[0]}\u0000${pair[1]}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, [pair, 1]);
    else known[1]++;
  }

  get all(): Iterable<readonly [pair: Pair, count: number]> {
    return this.#counts.values();
  }
}
