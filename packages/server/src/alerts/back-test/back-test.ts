import { formatDuration } from '@pharos/promql';
import { alertErrors } from '../errors.ts';
import { groupKey } from '../rules/definition.ts';
import { Pacer } from '../rules/pacer.ts';
import { slotsOf } from '../rules/schedule.ts';
import type { Audience, TellingWorld } from './audience.ts';
import { evaluations } from './evaluations.ts';
import { stretchOf } from './limits.ts';
import { isOfItsTime, type PastByLanguage, type Steps } from './past.ts';
import { type Preview, preview } from './preview.ts';
import { type Replay, Replayer } from './replay.ts';
import { isFiring, type Spell } from './spell.ts';
import { Tellings } from './tell.ts';
import { spellsWithin, type Totals, totalsOf } from './totals.ts';
import type { ReadRule } from './written-rule.ts';

export interface BackTestDeps {
  readonly past: PastByLanguage;
  readonly monotonic: () => number;
  readonly breathe: () => Promise<void>;
  readonly externalUrl: () => string;
  /** Whom alerts would reach, as it is now. */
  readonly world: () => TellingWorld;
  /** What a rule has that says nothing else, in ms. */
  readonly defaults: () => { readonly intervalMs: number; readonly offsetMs: number };
}

/** What of the past is looked at. Epoch ms. */
export interface BackTestSpan {
  readonly start: number;
  readonly end: number;
}

/** What a rule would have done in a time that is over, and who would have heard. */
export interface BackTest {
  readonly intervalMs: number;
  /** How many there were, and which failed. */
  readonly evaluations: Omit<Replay, 'spells'>;
  readonly totals: Totals;
  readonly spells: readonly Spell[];
  readonly audience: Audience;
  /**
   * From when on there is anything of what the expression reads, epoch ms: the start of the span where that was there before, null where
   * nothing of it is stored.
   */
  readonly dataFrom: number | null;
  /** What makes it less than certain. */
  readonly warnings: readonly string[];
}

/** Runs a rule over what is stored: its evaluations are those that it would have had at the same instants. */
export class BackTester {
  readonly #deps: BackTestDeps;
  readonly #pacer: Pacer;

  constructor(deps: BackTestDeps) {
    this.#deps = deps;
    this.#pacer = new Pacer(deps.monotonic, deps.breathe);
  }

  /** Rejects with `backTest` where it cannot be said or is too much, with a QueryError, or with the signal's reason. */
  async run(read: ReadRule, span: BackTestSpan, signal: AbortSignal): Promise<BackTest> {
    const { rule, group } = read;
    if (!isOfItsTime(rule.parsed))
      throw alertErrors.make(
        'backTest',
        'the expression looks at more than the time of its evaluation (@, a negative offset, limitk, info ...): over the past it would mean something else',
      );
    const { intervalMs, offsetMs } = this.#timesOf(read);
    const stretch = stretchOf(span, slotsOf(groupKey(group), intervalMs), rule);
    const pause = async (): Promise<void> => {
      signal.throwIfAborted();
      await this.#pacer.pause();
    };
    let downsampled = 0;
    let sampled: number | undefined;
    const { past, breathe, externalUrl, world } = this.#deps;
    const { range, first, maxPoints } = past[rule.parsed.language];
    const ask = async ({ first: begin, count }: { readonly first: number; readonly count: number }) => {
      const start = begin - offsetMs;
      const steps: Steps = { start, end: start + (count - 1) * intervalMs, step: intervalMs };
      const answer = await range(rule.query, steps, signal);
      if (answer.isDownsampled) downsampled++;
      const { firstSample = sampled } = answer;
      sampled = firstSample === undefined ? undefined : Math.min(sampled ?? firstSample, firstSample);
      return answer.series;
    };
    const told = world();
    const replayer = new Replayer(rule, group.limit, {
      externalUrl: externalUrl(),
      externalLabels: told.externalLabels,
      instant: (text, time) => past.promql.instant({ query: text }, time, signal),
      pause,
      breathe,
    });
    const { spells: all, ...ran } = await replayer.run(evaluations(stretch, ask, maxPoints));
    const spells = spellsWithin(all, span);
    const audience = await new Tellings({ world: told, pause }).run(spells.filter(isFiring), span.end);
    const within = { from: span.start - QUIET_MS, to: span.end };
    const began = first === undefined ? sampled : await first(rule.query, within, signal);
    const dataFrom = dataFromOf(began, span);
    return {
      intervalMs,
      dataFrom,
      evaluations: ran,
      totals: totalsOf(spells, span),
      spells,
      audience: { ...audience, notices: audience.notices.filter(({ at }) => at >= span.start) },
      warnings: [
        ...historyWarning(dataFrom, span),
        ...(stretch.first > span.start - rule.forMs - rule.keepFiringForMs
          ? ['What it was before the time is not looked at as far as its “for” and “keeps firing for” reach.']
          : []),
        ...(downsampled > 0
          ? ['Old samples are no longer there: averages of some minutes stood for them.']
          : []),
      ],
    };
  }

  /** What the rule says at a time. Rejects with what its query rejects with. */
  async preview(read: ReadRule, at: number, signal: AbortSignal): Promise<Preview> {
    const { past, externalUrl, world } = this.#deps;
    const queries = { promql: past.promql.instant, logql: past.logql.instant };
    const told = { queries, externalUrl: externalUrl(), world: world() };
    return await preview(read, at - this.#timesOf(read).offsetMs, told, signal);
  }

  /** Between evaluations of a rule, ms. */
  intervalOf(read: ReadRule): number {
    return this.#timesOf(read).intervalMs;
  }

  #timesOf({ group }: ReadRule): { readonly intervalMs: number; readonly offsetMs: number } {
    const usual = this.#deps.defaults();
    return {
      intervalMs: group.intervalMs ?? usual.intervalMs,
      offsetMs: group.queryOffsetMs ?? usual.offsetMs,
    };
  }
}

/** Series come every so often; a beginning so little after that of the span is none, ms. */
const USUAL_GAP_MS = 300_000;
/** Lines come when something happens: who said something so long before the span was there, and had nothing to say, ms. */
const QUIET_MS = 86_400_000;

function dataFromOf(first: number | undefined, { start, end }: BackTestSpan): number | null {
  if (first === undefined || first <= start + USUAL_GAP_MS) return start;
  return first <= end ? first : null;
}

function historyWarning(dataFrom: number | null, { start, end }: BackTestSpan): readonly string[] {
  if (dataFrom === null)
    return [
      'Nothing that the expression reads is stored in this time: it was tested on nothing. Is each name and label as it is stored?',
    ];
  if (dataFrom <= start) return [];
  const [tested, asked] = [end - dataFrom, end - start].map((ms) => formatDuration(seconds(ms)));
  return [
    `Of what the expression reads nothing is stored before ${new Date(dataFrom).toISOString()}: ${tested} of ${asked} were tested.`,
  ];
}

function seconds(ms: number): number {
  return Math.round(ms / 1000) * 1000;
}
