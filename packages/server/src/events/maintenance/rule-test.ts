import type { Clock } from '../../kernel/clock.ts';
import type { EventReader } from '../store/reader.ts';
import type { StoredEvent } from '../store/stored-event.ts';
import type { UserRules } from '../user-rules/store.ts';
import { compileRule, type UserRule } from '../user-rules/user-rule.ts';
import type { Finding } from '../verdict.ts';
import { Changes, judgedOf, type ReEvaluation } from './re-evaluation.ts';

export interface RuleTest {
  readonly evaluated: number;
  /** Events in which the rule finds something. */
  readonly matched: number;
  /** Evaluations that took too many steps. */
  readonly failed: number;
  /** Verdicts that would have been others. */
  readonly changed: number;
  readonly transitions: ReEvaluation['transitions'];
  /** The newest events in which it finds something. */
  readonly samples: readonly { readonly event: StoredEvent; readonly message: string }[];
  readonly truncated: boolean;
  readonly warnings: readonly string[];
}

const MOST_EVENTS = 50_000;
const MOST_SAMPLES = 20;
const MINUTE_MS = 60_000;

/** What a rule would have found in the stored events of a window, and which verdicts it would have changed. */
export async function testRule(
  {
    reader,
    rules,
    clock,
  }: { readonly reader: EventReader; readonly rules: UserRules; readonly clock: Clock },
  tenant: string,
  draft: UserRule,
  lookbackMinutes: number,
): Promise<RuleTest> {
  let failed = 0;
  let matched = 0;
  const rule = compileRule({ ...draft, enabled: true }, () => failed++);
  const set = rules.setWith(tenant, { ...draft, enabled: true });
  const changes = new Changes();
  const samples: { readonly event: StoredEvent; readonly message: string }[] = [];
  const { visited, more, warnings } = await reader.walk(
    tenant,
    { from: clock.now() - lookbackMinutes * MINUTE_MS },
    { most: MOST_EVENTS },
    (event) => {
      const judged = judgedOf(event);
      const findings: Finding[] = [];
      rule.check(judged, event.baseline, findings);
      const [found] = findings;
      if (found === undefined) return;
      matched++;
      changes.compare(event, set.judge(judged, event.baseline));
      if (samples.length < MOST_SAMPLES) samples.push({ event, message: found.message });
    },
  );
  return {
    evaluated: visited,
    matched,
    failed,
    changed: changes.count,
    transitions: changes.transitions(),
    samples,
    truncated: more,
    warnings,
  };
}
