import type { Alert } from './contracts.ts';

/** A row of the list: the head of a group, or an alert. */
export type Row =
  | {
      readonly kind: 'group';
      /** The value of the label that rows are put together by; empty where it is missing. */
      readonly value: string;
      readonly alerts: readonly Alert[];
      readonly open: boolean;
    }
  | { readonly kind: 'alert'; readonly alert: Alert; readonly grouped: boolean };

/** Groups of more alerts than this are closed until somebody opens them, unless they are alone. */
const MOST_OPEN = 5;

/** Rows of alerts that stand in order; a group stands where its first alert would. `turned` names groups that were opened or closed by hand. */
export function rowsOf(alerts: readonly Alert[], by: string, turned: ReadonlySet<string>): readonly Row[] {
  if (by === '') return alerts.map((alert) => ({ kind: 'alert', alert, grouped: false }));
  const groups = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const value = alert.labels[by] ?? '';
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [alert]);
    else group.push(alert);
  }
  return [...groups].flatMap(([value, of]): Row[] => {
    if (of.length === 1) return of.map((alert) => ({ kind: 'alert', alert, grouped: false }));
    const usual = of.length <= MOST_OPEN || groups.size === 1;
    const open = turned.has(value) ? !usual : usual;
    const head: Row = { kind: 'group', value, alerts: of, open };
    return open ? [head, ...of.map((alert): Row => ({ kind: 'alert', alert, grouped: true }))] : [head];
  });
}

/** Labels that rows may be put together by, those that most alerts have first. */
export function groupLabels(alerts: readonly Alert[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { labels } of alerts)
    for (const name of Object.keys(labels)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || a.localeCompare(b, 'en')).map(([name]) => name);
}

const SENTENCES = ['summary', 'message', 'description'] as const;

/** What an alert says of itself, in one sentence; empty when it says nothing. */
export function sentenceOf({ annotations }: Pick<Alert, 'annotations'>): string {
  for (const name of SENTENCES) {
    const text = annotations[name];
    if (text !== undefined && text !== '') return text;
  }
  return '';
}

const SERVICE_LABELS = ['service', 'service_name', 'server', 'source', 'job'] as const;

/** The service that an alert is about, as its labels name it; null where none does. */
export function serviceOf({ labels }: Pick<Alert, 'labels'>): string | null {
  for (const name of SERVICE_LABELS) {
    const value = labels[name];
    if (value !== undefined && value !== '') return value;
  }
  return null;
}
