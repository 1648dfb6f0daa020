import type { Delivery } from './contracts.ts';

/** What the alerts of a group have in common: the end of its key, `{}/{team="a"}:{alertname="Down"}`; a page's key goes on with `#` and its id. */
function groupLabels(key: string): string {
  const at = key.indexOf('}:{');
  const labels = (at < 0 ? key : key.slice(at + 2)).replace(/}#[^"}]*$/, '}');
  return labels === '{}' ? '' : labels;
}

/** The alerts that a delivery was about: those with a name of their own, and how many there are besides. */
interface Subject {
  readonly alerts: readonly { readonly fingerprint: string; readonly title: string }[];
  readonly more: number;
}

/** Where no alert's name is known, as of what an older version sent, the labels of their group stand for one of them. */
export function subjectOf({ about, alerts, group }: Pick<Delivery, 'about' | 'alerts' | 'group'>): Subject {
  const named = about.filter(({ title }) => title !== '');
  const [first] = about;
  const shown =
    named.length > 0 || first === undefined
      ? named
      : [{ ...first, title: groupLabels(group) || 'an alert without a name' }];
  return { alerts: shown, more: Math.max(0, alerts - shown.length) };
}

/** Why it was told; while it waits, why it is to be. */
export function reasonOf({ state, reason, group }: Pick<Delivery, 'state' | 'reason' | 'group'>): string {
  const said = state === 'sent' ? reason.replace(/^to be told: /, '') : reason;
  return said || group;
}
