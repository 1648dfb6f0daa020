import type { MatchOperator } from '@pharos/promql';
import { type AlertMatcher, alertMatcher, compilePattern, MatcherSyntaxError } from '../matchers/matcher.ts';

/** A matcher as data. */
export interface MatcherSpec {
  readonly name: string;
  readonly op: MatchOperator;
  readonly value: string;
}

/** Keeps alerts that match quiet for a time. Times in epoch ms. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly MatcherSpec[];
  readonly startsAt: number;
  /** It is still active at this very instant. */
  readonly endsAt: number;
  readonly updatedAt: number;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations: ReadonlyMap<string, string>;
}

export type SilenceState = 'pending' | 'active' | 'expired';

export function silenceState(
  { startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>,
  now: number,
): SilenceState {
  if (now < startsAt) return 'pending';
  return now > endsAt ? 'expired' : 'active';
}

/** What somebody asks for; an id means that silence. */
export type WantedSilence = Omit<Silence, 'id' | 'updatedAt'> & { readonly id: string | null };

export type SilenceChange =
  /** What is to be stored, all of it or nothing. The id is that of the silence that now stands for what was wanted. */
  | { readonly ok: true; readonly id: string; readonly writes: readonly Silence[] }
  | { readonly ok: false; readonly reason: 'unknown' | 'invalid'; readonly message: string };

/**
 * Makes a silence or changes one. What has been stays true: where a change would alter the past (other matchers, another start), the
 * old one expires and a new one begins.
 */
export function setSilence(
  wanted: WantedSilence,
  known: Silence | undefined,
  now: number,
  newId: string,
): SilenceChange {
  const invalid = invalidSilence(wanted, now);
  if (invalid !== null) return { ok: false, reason: 'invalid', message: invalid };
  if (wanted.id !== null && known === undefined)
    return { ok: false, reason: 'unknown', message: 'silence not found' };
  if (known !== undefined && canUpdate(known, wanted, now))
    return { ok: true, id: known.id, writes: [{ ...wanted, id: known.id, updatedAt: now }] };
  const fresh: Silence = { ...wanted, id: newId, startsAt: Math.max(wanted.startsAt, now), updatedAt: now };
  const ended = known === undefined ? [] : expireSilence(known, now);
  return { ok: true, id: newId, writes: [...ended, fresh] };
}

/** What is to be stored when somebody ends a silence now; nothing where it has ended. */
export function expireSilence(silence: Silence, now: number): readonly Silence[] {
  switch (silenceState(silence, now)) {
    case 'expired':
      return [];
    case 'active':
      return [{ ...silence, endsAt: now, updatedAt: now }];
    case 'pending':
      return [{ ...silence, startsAt: now, endsAt: now, updatedAt: now }];
  }
}

/** Whether nobody needs it any more. Retention in ms. */
export function isForgettable(silence: Silence, now: number, retentionMs: number): boolean {
  return silence.endsAt + retentionMs <= now;
}

/** Throws MatcherSyntaxError. */
export function matchersOf(silence: Pick<Silence, 'matchers'>): readonly AlertMatcher[] {
  return silence.matchers.map(({ name, op, value }) => alertMatcher(name, op, value));
}

/** The reason in Alertmanager's words; null when it is well-formed. */
function invalidSilence(wanted: WantedSilence, now: number): string | null {
  if (wanted.startsAt >= wanted.endsAt) return 'Failed to create silence: start time must be before end time';
  if (wanted.endsAt < now) return "Failed to create silence: end time can't be in the past";
  if (wanted.matchers.length === 0) return 'invalid silence: at least one matcher required';
  for (const [i, matcher] of wanted.matchers.entries()) {
    const invalid = invalidMatcher(matcher);
    if (invalid !== null) return `invalid silence: invalid label matcher ${i}: ${invalid}`;
  }
  return wanted.matchers.every(matchesEmpty)
    ? 'invalid silence: at least one matcher must not match the empty string'
    : null;
}

function invalidMatcher({ name, op, value }: MatcherSpec): string | null {
  if (name === '') return 'invalid label name ""';
  if (op === '=' || op === '!=') return null;
  try {
    // As it stands, not within anchors: `a)|(b` is none here.
    compilePattern(value);
    return null;
  } catch (error) {
    if (!(error instanceof MatcherSyntaxError)) throw error;
    return `invalid regular expression "${value}": ${error.message}`;
  }
}

/** As Alertmanager asks it: negative matchers count as ones that do not, and patterns are not anchored. */
function matchesEmpty({ op, value }: MatcherSpec): boolean {
  if (op === '=') return value === '';
  return op === '=~' && compilePattern(value).test('');
}

function canUpdate(known: Silence, wanted: WantedSilence, now: number): boolean {
  const isSame =
    known.matchers.length === wanted.matchers.length &&
    known.matchers.every((left, i) => {
      const right = wanted.matchers[i];
      return left.name === right?.name && left.op === right.op && left.value === right.value;
    });
  if (!isSame) return false;
  switch (silenceState(known, now)) {
    case 'active':
      // To the second: clients do not keep more.
      return Math.floor(wanted.startsAt / 1000) === Math.floor(known.startsAt / 1000) && wanted.endsAt >= now;
    case 'pending':
      return wanted.startsAt >= now;
    case 'expired':
      return false;
  }
}
