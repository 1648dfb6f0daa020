import { formatDuration } from '@pharos/promql';
import type { Decision } from '../decisions/decision.ts';
import { decisionOf } from '../pipeline/parcel.ts';
import { arrive } from '../pipeline/pipeline.ts';
import type { Alert } from '../received/alert.ts';
import type { RouteNode } from '../routes/tree.ts';
import { type DampingRule, damped, dampingOf, type Flapping } from './damping.ts';

/** Alerts remembered at once; more begin anew. */
const MOST_REMEMBERED = 100_000;
const SECOND_MS = 1000;

export interface Damping {
  readonly alerts: readonly Alert[];
  readonly decisions: readonly Decision[];
}

/** Holds back the ends of alerts that come and go. Its memory is lost with a start, after which holds are short again. */
export class Damper {
  readonly #flapping = new Map<string, Flapping>();
  #rules: readonly DampingRule[];

  constructor(rules: readonly DampingRule[]) {
    this.#rules = rules;
  }

  configure(rules: readonly DampingRule[]): void {
    this.#rules = rules;
    if (rules.length === 0) this.#flapping.clear();
  }

  /** Alerts as they are to be kept. What is `known` as ended, or not at all, has no end to hold back. */
  damp(
    heard: readonly Alert[],
    known: (fingerprint: string) => Alert | undefined,
    { root, now }: { readonly root: RouteNode; readonly now: number },
  ): Damping {
    if (this.#rules.length === 0) return { alerts: heard, decisions: [] };
    const decisions: Decision[] = [];
    const alerts = heard.map((alert) => {
      const rule = dampingOf(this.#rules, alert);
      const before = known(alert.fingerprint);
      if (rule === undefined || (before === undefined && alert.endsAt <= now)) return alert;
      const { fingerprint } = alert;
      const result = damped(this.#flapping.get(fingerprint), alert, rule, now);
      this.#remember(fingerprint, result.flapping);
      if (result.heldUntil !== null && before?.endsAt !== result.heldUntil)
        decisions.push(...this.#explained(result.alert, { root, now, ...result }));
      return result.alert;
    });
    return { alerts, decisions };
  }

  #explained(
    alert: Alert,
    of: {
      readonly root: RouteNode;
      readonly now: number;
      readonly flapping: Flapping;
      readonly heldUntil: number | null;
    },
  ): readonly Decision[] {
    const { root, now, flapping, heldUntil } = of;
    const rest = Math.ceil(((heldUntil ?? now) - now) / SECOND_MS) * SECOND_MS;
    const often = flapping.times === 0 ? '' : ` (it came back ${flapping.times} times)`;
    const reason = `it ended; that is told unless it fires again within ${formatDuration(rest)}${often}`;
    return arrive(alert, root, now).groups.map((group) =>
      decisionOf({ group, at: now }, alert.fingerprint, { outcome: 'damped', reason }),
    );
  }

  #remember(fingerprint: string, flapping: Flapping): void {
    this.#flapping.delete(fingerprint);
    if (flapping.times > 0 || flapping.endedAt !== null) this.#flapping.set(fingerprint, flapping);
    const [oldest] = this.#flapping.keys();
    if (this.#flapping.size > MOST_REMEMBERED && oldest !== undefined) this.#flapping.delete(oldest);
  }
}
