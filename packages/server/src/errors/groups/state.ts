import { z } from 'zod';

/** What people have decided about a group, and what became of it. Times in epoch ms; `by` is empty when nobody was logged in. */
export const groupState = z.discriminatedUnion('status', [
  z.object({ status: z.literal('open') }),
  z.object({
    status: z.literal('resolved'),
    at: z.number(),
    by: z.string(),
    /** Resolved in this release: events of older ones do not count. */
    release: z.string().optional(),
    /** Resolved in the release after these: events of them do not count. */
    after: z.array(z.string()).optional(),
  }),
  z.object({
    status: z.literal('ignored'),
    at: z.number(),
    by: z.string(),
    until: z.number().optional(),
    /** Open again when the group has so many events. */
    untilCount: z.number().optional(),
  }),
  z.object({ status: z.literal('regressed'), at: z.number(), release: z.string() }),
]);

export type GroupState = z.output<typeof groupState>;
export type GroupStatus = GroupState['status'];

export const GROUP_STATUSES = [
  'open',
  'resolved',
  'ignored',
  'regressed',
] as const satisfies readonly GroupStatus[];

/** What happens to a group. */
export type GroupInput =
  | {
      readonly kind: 'event';
      readonly time: number;
      readonly release: string /** With this event. */;
      readonly count: number;
    }
  | { readonly kind: 'tick'; readonly now: number }
  | {
      readonly kind: 'resolve';
      readonly at: number;
      readonly by: string;
      readonly release?: string | undefined;
      readonly after?: readonly string[] | undefined;
    }
  | {
      readonly kind: 'ignore';
      readonly at: number;
      readonly by: string;
      readonly until?: number | undefined;
      readonly untilCount?: number | undefined;
    }
  | { readonly kind: 'reopen'; readonly at: number; readonly by: string };

/** What changed, for the audit and for signals. */
export type GroupEffect = 'regressed' | 'unignored' | 'resolved' | 'ignored' | 'reopened';

export interface GroupStep {
  readonly state: GroupState;
  readonly effect: GroupEffect | null;
}

/**
 * The state of a group after something happened. A resolved group that has an event which is newer than its resolution, and of no release that
 * is known to be older than the repair, is regressed; an ignored one whose time or count is over is open again. What changes nothing has no
 * effect.
 */
export function stepGroup(state: GroupState, input: GroupInput): GroupStep {
  switch (input.kind) {
    case 'event':
      return afterEvent(state, input);
    case 'tick':
      return state.status === 'ignored' && state.until !== undefined && input.now >= state.until
        ? { state: { status: 'open' }, effect: 'unignored' }
        : { state, effect: null };
    case 'resolve': {
      const { at, by, release, after } = input;
      return {
        state: {
          status: 'resolved',
          at,
          by,
          ...(release !== undefined && { release }),
          ...(after !== undefined && { after: [...after] }),
        },
        effect: 'resolved',
      };
    }
    case 'ignore': {
      const { at, by, until, untilCount } = input;
      return {
        state: {
          status: 'ignored',
          at,
          by,
          ...(until !== undefined && { until }),
          ...(untilCount !== undefined && { untilCount }),
        },
        effect: 'ignored',
      };
    }
    case 'reopen':
      return state.status === 'open'
        ? { state, effect: null }
        : { state: { status: 'open' }, effect: 'reopened' };
  }
}

function afterEvent(state: GroupState, input: Extract<GroupInput, { kind: 'event' }>): GroupStep {
  if (state.status === 'resolved' && isReturn(state, input))
    return { state: { status: 'regressed', at: input.time, release: input.release }, effect: 'regressed' };
  if (state.status === 'ignored') {
    const over =
      (state.until !== undefined && input.time >= state.until) ||
      (state.untilCount !== undefined && input.count >= state.untilCount);
    if (over) return { state: { status: 'open' }, effect: 'unignored' };
  }
  return { state, effect: null };
}

/** Whether an event shows that the repair does not hold. */
function isReturn(
  state: Extract<GroupState, { status: 'resolved' }>,
  { time, release }: { readonly time: number; readonly release: string },
): boolean {
  if (time <= state.at) return false;
  if (state.after?.includes(release) === true) return false;
  return state.release === undefined || release === '' || !isOlder(release, state.release);
}

/**
 * Whether a release is older than another: by their numbers where both have some in front (`1.9.0` before `1.10.0`, `shop@1.2.3` too), a
 * prerelease before its release (SemVer 11); false where that cannot be told.
 */
export function isOlder(release: string, other: string): boolean {
  const [a, b] = [parsed(release), parsed(other)];
  if (a === null || b === null) return false;
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const [left, right] = [a.numbers[i] ?? 0, b.numbers[i] ?? 0];
    if (left !== right) return left < right;
  }
  return a.pre !== '' && b.pre === '';
}

function parsed(release: string): { readonly numbers: readonly number[]; readonly pre: string } | null {
  const match = /^(?:[^@]{0,200}@)?v?(\d{1,9}(?:\.\d{1,9}){1,5})(?:-([\w.-]{1,100}))?(?:\+.*)?$/.exec(
    release,
  );
  if (match === null) return null;
  return { numbers: (match[1] ?? '').split('.').map(Number), pre: match[2] ?? '' };
}

/** What the history of a group says about an input, besides who did what. */
export function detailOf(input: GroupInput): string {
  switch (input.kind) {
    case 'event':
      return input.release === '' ? '' : `release ${input.release}`;
    case 'resolve':
      if (input.after !== undefined) return 'in the next release';
      return input.release === undefined ? '' : `in release ${input.release}`;
    case 'ignore':
      if (input.until !== undefined) return `until ${new Date(input.until).toISOString()}`;
      return input.untilCount === undefined ? '' : `until there are ${input.untilCount} events`;
    case 'tick':
    case 'reopen':
      return '';
  }
}
