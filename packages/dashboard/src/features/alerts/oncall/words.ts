import type { Page, PolicyRule, Recipient, Target } from './contracts.ts';

const ACTS: Readonly<Record<string, string>> = {
  opened: 'opened',
  told: 'told',
  held: 'held back',
  acknowledged: 'acknowledged',
  unacknowledged: 'acknowledgement over',
  escalated: 'next level asked for',
  urgent: 'more urgent',
  exhausted: 'nobody left to tell',
  ended: 'ended',
};

/** What happened to a page, in a word or two. */
export function eventWord(what: string): string {
  return ACTS[what] ?? what;
}

/** `ada by ada-phone, team-slack` */
export function recipientsText(recipients: readonly Recipient[]): string {
  return recipients
    .map(({ receiver, person }) => (person === null ? receiver : `${person} by ${receiver}`))
    .join(', ');
}

/** Whom a level tells: `who is on call in platform, grace, receiver team-slack`. */
export function targetText({ kind, name }: Target): string {
  switch (kind) {
    case 'schedule':
      return `who is on call in ${name}`;
    case 'person':
      return name;
    case 'receiver':
      return `receiver ${name}`;
  }
}

/** What a page is about: its alert's name, and what the alert says of itself. */
export function titleOf({ labels, annotations }: Pick<Page, 'labels' | 'annotations'>): {
  readonly name: string;
  readonly said: string;
} {
  return {
    name: labels['alertname'] ?? 'an alert without a name',
    said: annotations['summary'] ?? annotations['description'] ?? annotations['message'] ?? '',
  };
}

/** Since the first telling of a level, when each of its tellings comes, in seconds; and when the next level follows. */
export function offsetsOf({ levels, delay_seconds: delay }: PolicyRule): readonly number[] {
  const starts: number[] = [];
  let at = delay;
  for (const { times, every_seconds: every } of levels) {
    starts.push(at);
    at += times * every;
  }
  return [...starts, at];
}
