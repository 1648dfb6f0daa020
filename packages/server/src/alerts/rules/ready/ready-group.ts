/** One alert that Pharos brings along. */
interface ReadyAlert {
  readonly alert: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly expr: string;
  /** How long it must hold; at once when absent. */
  readonly for?: string;
  /** How long it goes on after it held last. */
  readonly keepFiringFor?: string;
  /** Templates, as in a rule file. */
  readonly summary: string;
  readonly description: string;
}

/** What to do about alerts, for somebody who was woken by one. */
interface Runbook {
  readonly title: string;
  readonly means: string;
  /** Where to look, in this order. */
  readonly look: readonly string[];
  readonly act: readonly string[];
  /** How to make it fit one's own services. */
  readonly tune: string;
}

/** Alerts about one thing, and the page about them. */
export interface ReadyGroup {
  /** Between evaluations; longer where they look far back. */
  readonly interval?: string;
  readonly alerts: readonly ReadyAlert[];
  readonly runbook: Runbook;
}

/** Where the page of a group lies below Pharos' own address. */
const runbookPath = (name: string): string => `/runbooks/${name}`;

/** A group in the form of Prometheus' rule files. */
export function ruleFileGroup(
  name: string,
  { interval = '30s', alerts }: ReadyGroup,
  without: ReadonlySet<string>,
): object {
  return {
    name,
    interval,
    rules: alerts
      .filter(({ alert }) => !without.has(alert))
      .map(({ alert, severity, expr, for: held, keepFiringFor, summary, description }) => ({
        alert,
        expr,
        ...(held !== undefined && { for: held }),
        ...(keepFiringFor !== undefined && { keep_firing_for: keepFiringFor }),
        labels: { severity },
        annotations: { summary, description, runbook_url: `{{ externalURL }}${runbookPath(name)}` },
      })),
  };
}
