import type { Member } from './contracts.ts';
import { alertNameOf } from './words.ts';

/** Alerts of an incident that differ in what they are about alone, as one row. */
export interface FoldedMembers {
  /** The same while alerts join, so that what somebody opened stays open. */
  readonly key: string;
  /** What all of them say, as `NodeHot` or, where all are about one thing, `Down of order`. */
  readonly name: string;
  /** `h1, h2, h3 and 35 more`; empty where the name has it. */
  readonly about: string;
  readonly severity: Member['severity'];
  readonly isOver: boolean;
  /** In their order. */
  readonly members: readonly Member[];
}

/** Two rows are read as fast as one that says that there are two. */
const LEAST_FOLDED = 3;
const MOST_NAMED = 3;

/**
 * The alerts of an incident, those of one name and severity that all fire, or are all over, as one row at the place of the first.
 * The alert that opened the incident stands by itself.
 */
export function foldedMembers(members: readonly Member[]): readonly (Member | FoldedMembers)[] {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return [...groups].flatMap(([key, group]): readonly (Member | FoldedMembers)[] => {
    const [first] = group;
    if (first === undefined || group.length < LEAST_FOLDED) return group;
    const things = [...new Set(group.map(({ about }) => about))].filter((one) => one !== '');
    const [thing] = things;
    const isOfOne = things.length === 1 && thing !== undefined && group.every(({ about }) => about === thing);
    const name = alertNameOf(first);
    return [
      {
        key,
        name: isOfOne ? `${name} of ${thing}` : name,
        about: isOfOne ? '' : someOf(things),
        severity: first.severity,
        isOver: first.ended_at !== null,
        members: group,
      },
    ];
  });
}

/** Alerts of one key are alike. */
function keyOf(member: Member): string {
  const { fingerprint, severity, ended_at: endedAt, why } = member;
  return why.to === ''
    ? fingerprint
    : JSON.stringify([alertNameOf(member), severity, endedAt === null ? 'fires' : 'over']);
}

function someOf(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return rest > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${rest} more` : names.join(', ');
}

/** `50 points`, `50 to 65 points`: by how much alerts belong to their incident. */
export function pointsWords(members: readonly Pick<Member, 'why'>[]): string {
  const points = members.map(({ why }) => why.score);
  const [least, most] = [Math.min(...points), Math.max(...points)];
  return least === most ? `${least} points` : `${least} to ${most} points`;
}
