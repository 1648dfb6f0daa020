import { span } from './correlation.ts';
import {
  type Incident,
  isFiring,
  type Member,
  type Note,
  type Phase,
  type Shared,
  titleOf,
} from './incident.ts';
import { boundedEvents, isFull, isOverwritten, withEvent } from './size.ts';
import type { Draft } from './step.ts';

/** Whether people took two incidents apart. */
export function isApart(a: Incident, b: Incident): boolean {
  return a.apart.includes(b.id) || b.apart.includes(a.id);
}

/** Whether two have more alerts together than one names, or more notes than one holds. */
export function wouldOverflow(a: Incident, b: Incident): boolean {
  return isFull([...a.members, ...b.members]) || isOverwritten([...a.notes, ...b.notes]);
}

export interface MergeAct {
  readonly at: number;
  /** Empty for Pharos itself. */
  readonly by: string;
  /** Why. */
  readonly text: string;
}

export function olderFirst(a: Incident, b: Incident): readonly [older: Incident, newer: Incident] {
  return Number(a.id) < Number(b.id) ? [a, b] : [b, a];
}

/** The older one keeps its number and takes everything of the other, which stays as a sign to it. */
export function mergeInto(draft: Draft, both: readonly [Incident, Incident], act: MergeAct): Incident {
  const [into, gone] = olderFirst(...both);
  const { at, by, text } = act;
  const said = (id: string): string => `#${id}${text === '' ? '' : `: ${text}`}`;
  const merged: Incident = {
    ...into,
    assignee: into.assignee === '' ? gone.assignee : into.assignee,
    givenSeverity: into.givenSeverity ?? gone.givenSeverity,
    members: together(into.members, gone),
    phase: phaseOf(into.phase, gone.phase),
    events: boundedEvents([...into.events, ...gone.events].sort((a, b) => a.at - b.at)),
    notes: inTime([...into.notes, ...gone.notes]),
    apart: [...new Set([...into.apart, ...gone.apart])].filter((id) => id !== into.id && id !== gone.id),
  };
  const taken = `took #${gone.id}, ${titleOf(gone)}, which began ${span(Math.abs(gone.openedAt - into.openedAt))} later`;
  const next = withEvent(merged, {
    at,
    what: 'merged',
    by,
    text: text === '' ? taken : `${taken}: ${text}`,
    alert: '',
  });
  draft.put(next);
  draft.put(
    withEvent(
      {
        ...gone,
        members: [],
        shared: sharedBy(gone, into),
        phase: { kind: 'merged', at, by, into: into.id },
      },
      { at, what: 'merged', by, text: `into ${said(into.id)}`, alert: '' },
    ),
  );
  // One that left it long ago is part of yet another by now.
  for (const { fingerprint } of gone.members)
    if (draft.idOf(fingerprint) === gone.id) draft.move(fingerprint, into.id);
  return next;
}

/** Open as long as one of them is. */
function phaseOf(a: Phase, b: Phase): Phase {
  if (a.kind !== 'resolved') return a;
  return b.kind === 'resolved' && b.at <= a.at ? a : b;
}

/** Each alert once: of one that both knew the account counts by which it fires, else the newer one. */
function together(own: readonly Member[], gone: Incident): readonly Member[] {
  const all = new Map(own.map((one) => [one.fingerprint, one]));
  for (const one of gone.members) {
    const before = all.get(one.fingerprint);
    const came: Member = { ...one, from: one.from === '' ? gone.id : `${gone.id},${one.from}` };
    if (before === undefined) all.set(one.fingerprint, came);
    else {
      const isSame = isFiring(before) === isFiring(one);
      const keeps = isSame ? before.lastBeganAt > one.lastBeganAt : isFiring(before);
      const newer = keeps ? before : came;
      const signAt = Math.min(before.signAt, one.signAt);
      all.set(one.fingerprint, { ...newer, signAt, times: before.times + one.times });
    }
  }
  return [...all.values()].sort((a, b) => a.joinedAt - b.joinedAt);
}

/** None of more than the state takes: such a merge gives back what came from one of them alone. */
function sharedBy(gone: Incident, into: Incident): readonly Shared[] {
  const shared = gone.members.flatMap((own) => {
    const other = into.members.find(({ fingerprint }) => fingerprint === own.fingerprint);
    return other === undefined ? [] : [{ own, other }];
  });
  return isFull(shared.flatMap(({ own, other }) => [own, other])) ? [] : shared;
}

function inTime(notes: readonly Note[]): readonly Note[] {
  return [...notes].sort((a, b) => a.at - b.at);
}
