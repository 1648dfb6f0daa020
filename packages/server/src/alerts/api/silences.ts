import type { MatchOperator } from '@pharos/promql';
import { z } from 'zod';
import {
  type MatcherSpec,
  type Silence,
  type SilenceState,
  silenceState,
  type WantedSilence,
} from '../silences/silence.ts';
import { apiTime, parseTime } from './times.ts';

const time = z.string().transform((text, context) => {
  const ms = parseTime(text);
  // Go's zero time is far in the past; as an end it is refused like any other of those.
  if (ms !== undefined) return ms ?? Date.parse('0001-01-01T00:00:00Z');
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a time; expected one like 2026-01-02T15:04:05Z`,
  });
  return z.NEVER;
});

export const matcher = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  /** Older clients know no negative matchers. */
  isEqual: z.boolean().nullish(),
});

/** The body of `POST /api/v2/silences`. */
export const postableSilence = z.object({
  id: z.string().nullish(),
  matchers: z.array(matcher),
  startsAt: time,
  endsAt: time,
  createdBy: z.string(),
  comment: z.string(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

type ApiMatcher = z.output<typeof matcher>;

export function wantedSilence(body: z.output<typeof postableSilence>): WantedSilence {
  return {
    id: body.id === undefined || body.id === null || body.id === '' ? null : body.id,
    matchers: body.matchers.map(matcherSpec),
    startsAt: body.startsAt,
    endsAt: body.endsAt,
    createdBy: body.createdBy,
    comment: body.comment,
    annotations: new Map(Object.entries(body.annotations ?? {})),
  };
}

export function matcherSpec({ name, value, isRegex, isEqual }: ApiMatcher): MatcherSpec {
  const op: MatchOperator = (isEqual ?? true) ? (isRegex ? '=~' : '=') : isRegex ? '!~' : '!=';
  return { name, op, value };
}

/** `gettableSilence` of API v2. */
export interface GettableSilence {
  readonly id: string;
  readonly status: { readonly state: SilenceState };
  readonly updatedAt: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly comment: string;
  readonly createdBy: string;
  readonly endsAt: string;
  readonly matchers: readonly {
    readonly isEqual: boolean;
    readonly isRegex: boolean;
    readonly name: string;
    readonly value: string;
  }[];
  readonly startsAt: string;
}

export function gettableSilence(silence: Silence, now: number): GettableSilence {
  return {
    id: silence.id,
    status: { state: silenceState(silence, now) },
    updatedAt: apiTime(silence.updatedAt),
    annotations: Object.fromEntries(silence.annotations),
    comment: silence.comment,
    createdBy: silence.createdBy,
    endsAt: apiTime(silence.endsAt),
    matchers: silence.matchers.map(({ name, op, value }) => ({
      isEqual: op === '=' || op === '=~',
      isRegex: op === '=~' || op === '!~',
      name,
      value,
    })),
    startsAt: apiTime(silence.startsAt),
  };
}

const STATES: readonly SilenceState[] = ['active', 'pending', 'expired'];

/** Active ones that end first, then pending ones that start first, then expired ones that ended last. */
export function sortSilences(silences: readonly Silence[], now: number): readonly Silence[] {
  return [...silences].sort((a, b) => {
    const state = silenceState(a, now);
    const order = STATES.indexOf(state) - STATES.indexOf(silenceState(b, now));
    if (order !== 0) return order;
    if (state === 'pending') return a.startsAt - b.startsAt;
    return state === 'active' ? a.endsAt - b.endsAt : b.endsAt - a.endsAt;
  });
}
