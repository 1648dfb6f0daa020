import type { EventCounts, SourceCounts } from '../store/stats.ts';
import type { Analysis, Analyst, Evidence } from './analyst.ts';

const MOST_NAMED = 5;
/** With as many events the confidence is half of what it can be. */
const HALF_CONFIDENT = 30;
/** A share of abnormal events that grew by this much is worth a word. */
const NOTABLE_CHANGE = 0.02;

/** What each built-in rule calls for. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    'response_time',
    'Look for what slows down the operations above their response time: traces, database, upstreams.',
  ],
  ['latency', 'Compare the latency of the upstreams and of the network between them.'],
  ['cpu_usage', 'Add instances or shed load where the processor is at its end.'],
  ['memory_usage', 'Look for leaks where memory runs out, before the system ends the process.'],
  ['error_rate', 'Look at the newest errors and the last deployment.'],
  ['null_output', 'Process again what had an empty output, and check what produced it.'],
  ['invalid_value', 'Check how the impossible figures are measured and sent.'],
  ['consistency', 'Make the senders say the same in status code, status and output.'],
  ['silent_failure', 'Make operations that produce nothing fail loudly.'],
  ['anomaly', 'Compare what the anomalous sources did differently.'],
  ['trend', 'Find out what changed when the drifting figures began to drift.'],
  ['pattern', 'Check whether the senders changed what they send.'],
  ['approaching_limit', 'Watch the figures that are close to their limits.'],
]);

/** The answer without any model: counts, shares and their change, in words. The same evidence gives the same answer. */
export const statisticalAnalyst: Analyst = {
  analyse: (evidence) => Promise.resolve(analysed(evidence)),
};

function analysed(evidence: Evidence): Analysis {
  const { counts, before, severity, lookbackMinutes } = evidence;
  const focused = focusOf(evidence);
  const findings = [...changeIn(counts, before), ...focused, ...worstSources(counts), ...worstRules(counts)];
  const advice = [...sorted(counts.byRule)]
    .slice(0, MOST_NAMED)
    .map(([rule]) => ADVICE.get(rule) ?? `Look at the events in which the rule "${rule}" found something.`);
  return {
    analysis: `${summary(counts, lookbackMinutes)}${findings.length > 0 ? ` ${findings[0]}.` : ''}`,
    severity,
    key_findings: [...new Set(findings)],
    recommendations:
      advice.length > 0
        ? advice
        : [
            counts.total === 0
              ? 'Send events to POST /api/v1/monitoring/events.'
              : 'Nothing needs to be done.',
          ],
    confidence: Math.round((counts.total / (counts.total + HALF_CONFIDENT)) * 100) / 100,
  };
}

function summary({ total, byStatus, bySource }: EventCounts, minutes: number): string {
  if (total === 0) return `No events came in the last ${minutes} minutes.`;
  const [warning, critical] = [byStatus.get('WARNING') ?? 0, byStatus.get('CRITICAL') ?? 0];
  const calm =
    warning + critical === 0 ? 'all of them normal' : `${warning} of them warnings and ${critical} critical`;
  return `${plural(total, 'event')} of ${plural(bySource.size, 'source')} in the last ${minutes} minutes, ${calm}.`;
}

function changeIn(counts: EventCounts, before: EventCounts): string[] {
  if (counts.total === 0 || before.total === 0) return [];
  const [now, then] = [abnormalShare(counts), abnormalShare(before)];
  if (Math.abs(now - then) < NOTABLE_CHANGE) return [];
  return [
    `The share of abnormal events ${now > then ? 'rose' : 'fell'} from ${percent(then)} to ${percent(now)} against the time before`,
  ];
}

function worstSources({ bySource }: EventCounts): string[] {
  return [...bySource]
    .filter(([, counts]) => counts.warning + counts.critical > 0)
    .sort(([, a], [, b]) => b.critical - a.critical || b.warning - a.warning)
    .slice(0, MOST_NAMED)
    .map(([source, counts]) => `${source}: ${sourceWords(counts)}`);
}

function sourceWords({ normal, warning, critical }: SourceCounts): string {
  const total = normal + warning + critical;
  return `${critical} critical and ${warning} warnings of ${plural(total, 'event')} (${percent((warning + critical) / total)} abnormal)`;
}

function worstRules({ byRule }: EventCounts): string[] {
  return [...sorted(byRule)]
    .slice(0, MOST_NAMED)
    .map(([rule, events]) => `The rule ${rule} found something in ${plural(events, 'event')}`);
}

/** What the counts say of the things asked about. */
function focusOf({ counts, focusAreas }: Evidence): string[] {
  return focusAreas.map((area) => {
    const source = counts.bySource.get(area);
    if (source !== undefined) return `${area}: ${sourceWords(source)}`;
    const named =
      counts.byRule.get(area) ?? counts.byType.get(area) ?? counts.byStatus.get(area.toUpperCase());
    if (named !== undefined) return `${area}: ${plural(named, 'event')}`;
    return `Nothing in these events is named ${JSON.stringify(area)}`;
  });
}

function abnormalShare({ total, byStatus }: EventCounts): number {
  return total === 0 ? 0 : ((byStatus.get('WARNING') ?? 0) + (byStatus.get('CRITICAL') ?? 0)) / total;
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
