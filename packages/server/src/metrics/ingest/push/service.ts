import { Labels, METRIC_NAME } from '@pharos/promql';
import type { Clock, Timer } from '../../../kernel/clock.ts';
import type { Log } from '../../../kernel/log.ts';
import type { Service } from '../../../kernel/services.ts';
import type { Telemetry } from '../../../kernel/telemetry.ts';
import type { AppendReport, MetadataSink, SampleAppender, SampleSink, SeriesRef } from '../../sink.ts';
import type { ExpositionFormat } from '../exposition/scanner.ts';
import { pushErrors } from './errors.ts';
import {
  lineOfSample,
  type PushedBody,
  type PushedSample,
  parsePushed,
  problemsText,
  recordMetadata,
} from './parse.ts';
import { type PushResult, refusedSeries, refusedTimes, timesText } from './refusals.ts';

export interface PushDeps {
  readonly clock: Clock;
  readonly sink: SampleSink;
  readonly metadata: MetadataSink;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly breathe: () => Promise<void>;
}

interface GroupSeries {
  readonly labels: Labels;
  readonly family: string;
  value: number;
  ref: SeriesRef;
}

/** Series by label set key. */
type Group = ReadonlyMap<string, GroupSeries>;

/** Groups are repeated this often, well inside the 5 minutes after which an instant query loses a series. */
const REPEAT_INTERVAL_MS = 60_000;
const MAX_GROUPS = 1_000;
const MAX_GROUP_SERIES = 100_000;
const PUSH_TIME = 'push_time_seconds';
const FAILURE_TIME = 'push_failure_time_seconds';

/**
 * Pushed metrics, with Pushgateway's meaning for jobs that end before anybody could scrape them:
 *
 * - samples without a timestamp belong to their group: stored at once, repeated every minute as a scrape of a Pushgateway
 *   would, until a PUT or POST replaces or a DELETE ends them, which marks them stale; a restart of Pharos forgets groups;
 * - samples with a timestamp are stored at that time and nothing more: their sender is alive and pushes again.
 */
export class PushService implements Service {
  readonly name = 'push';
  readonly dependsOn: readonly string[];
  readonly #deps: PushDeps;
  readonly #telemetry: ReturnType<typeof pushTelemetry>;
  /** tenant, then grouping key. */
  readonly #tenants = new Map<string, Map<string, Group>>();
  /** The push under way to a group: the next one waits, since it replaces what that one leaves. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #timer: Timer | null = null;
  #repeating: Promise<void> = Promise.resolve();

  constructor(deps: PushDeps, dependsOn: readonly string[] = []) {
    this.#deps = deps;
    this.dependsOn = dependsOn;
    this.#telemetry = pushTelemetry(deps.telemetry, () => this.#size());
  }

  start(): void {
    this.#timer ??= this.#deps.clock.every(REPEAT_INTERVAL_MS, () => {
      this.#repeating = this.#repeating.then(() => this.#repeat());
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#repeating;
  }

  /**
   * Takes a push to a group. `replaceAll` (PUT) replaces the whole group, otherwise (POST) only the families that the body names.
   * Throws `push.malformed` naming line and reason, or `push.series_limit`: then nothing was stored. Samples with times of their own
   * are refused one by one, for these times; the answer says how many.
   */
  async push(
    tenant: string,
    grouping: ReadonlyMap<string, string>,
    body: Uint8Array,
    format: ExpositionFormat,
    replaceAll: boolean,
  ): Promise<PushResult> {
    const parsed = await parsePushed(body, format, this.#deps.breathe);
    this.#countProblems(parsed);
    const key = groupKey(grouping);
    return await this.#inTurn(tenant, key, async () => {
      const groups = this.#groupsOf(tenant);
      const before = groups.get(key);
      const own = this.#deps.sink.appender({ tenant });
      const grouped = this.#deps.sink.appender({ tenant });
      let after: Map<string, GroupSeries>;
      try {
        if (parsed.problemCount > 0) throw pushErrors.make('malformed', problemsText(parsed));
        after = this.#store(parsed, grouping, { own, grouped }, replaceAll ? undefined : before);
        this.#checkRoom(groups, key, after.size);
      } catch (error) {
        own.rollback();
        grouped.rollback();
        this.#count(0, parsed.samples.length);
        await this.#noteFailure(tenant, grouping, before);
        throw error;
      }
      this.#markGone(before, after, grouped);
      // Apart, since at the time of the push itself nothing is refused: what a group has there already is said again in a minute.
      const report = await own.commit().catch((error: unknown) => {
        grouped.rollback();
        throw error;
      });
      await grouped.commit();
      recordMetadata(parsed, tenant, this.#deps.metadata);
      if (after.size > 0) groups.set(key, after);
      else groups.delete(key);
      return await this.#outcome(parsed, report, () => this.#noteFailure(tenant, grouping, groups.get(key)));
    });
  }

  async #outcome(
    parsed: PushedBody,
    report: AppendReport,
    noteFailure: () => Promise<void>,
  ): Promise<PushResult> {
    const late = refusedTimes(report);
    const refused = late.outside + late.conflicting;
    const stored = parsed.samples.length - refused;
    this.#count(stored, refused);
    if (refused > 0) await noteFailure();
    return { stored, refused, problem: timesText(late).join('; ') };
  }

  /** Ends a group: its series become stale. True when there was one. */
  async remove(tenant: string, grouping: ReadonlyMap<string, string>): Promise<boolean> {
    const key = groupKey(grouping);
    return await this.#inTurn(tenant, key, async () => {
      const groups = this.#groupsOf(tenant);
      const before = groups.get(key);
      if (before === undefined) return false;
      const appender = this.#deps.sink.appender({ tenant });
      this.#markGone(before, new Map(), appender);
      await appender.commit();
      groups.delete(key);
      return true;
    });
  }

  /** Stores samples without any group: the valid ones, whatever the others are. */
  async importText(
    tenant: string,
    body: Uint8Array,
    format: ExpositionFormat,
    extra: ReadonlyMap<string, string>,
  ): Promise<PushResult> {
    const parsed = await parsePushed(body, format, this.#deps.breathe);
    this.#countProblems(parsed);
    const appender = this.#deps.sink.appender({ tenant });
    const now = this.#deps.clock.now();
    let stored = 0;
    for (const sample of parsed.samples) {
      const ref = appender.resolve(Labels.fromMap(new Map([...extra, ...sample.labels])));
      if (ref < 0 || !appender.append(ref, sample.timestamp ?? now, sample.value)) continue;
      stored++;
      appendExemplar(appender, ref, sample, now);
    }
    const report = await appender.commit();
    recordMetadata(parsed, tenant, this.#deps.metadata);
    const limited = parsed.samples.length - stored;
    const times = refusedTimes(report);
    const late = times.outside + times.conflicting;
    this.#count(stored - late, limited + late);
    const problems = [
      problemsText(parsed),
      limited > 0 ? `${limited} samples are beyond a limit: ${appender.refusal?.message}` : '',
      ...timesText(times),
    ].filter((text) => text !== '');
    return {
      stored: stored - late,
      refused: parsed.problemCount + limited + late,
      problem: problems.join('; '),
    };
  }

  /** Appends a body's samples; answers the group it leaves: those without a timestamp, over what a POST keeps of `before`. */
  #store(
    parsed: PushedBody,
    grouping: ReadonlyMap<string, string>,
    { own, grouped: appender }: { readonly own: SampleAppender; readonly grouped: SampleAppender },
    before: Group | undefined,
  ): Map<string, GroupSeries> {
    const now = this.#deps.clock.now();
    const replaced = new Set(parsed.samples.map((sample) => sample.family));
    const after = new Map(
      [...(before ?? [])].filter(([, { family }]) => !replaced.has(family) && !OWN.has(family)),
    );
    let grouped = after.size > 0;
    const seen = new Set<string>();
    for (const sample of parsed.samples) {
      const into = sample.timestamp === null ? appender : own;
      const series = this.#one(sample, grouping, into, now);
      if (series === null) throw refusedSeries(lineOfSample(parsed, sample), into.refusal);
      if (sample.timestamp !== null) continue;
      if (seen.has(series.labels.key)) {
        const line = lineOfSample(parsed, sample);
        throw pushErrors.make('malformed', `line ${line}: ${series.labels.toString()} comes twice`);
      }
      seen.add(series.labels.key);
      after.set(series.labels.key, series);
      grouped = true;
    }
    if (grouped) {
      const kept = before === undefined ? 0 : ownValue(before, FAILURE_TIME);
      for (const [name, value] of [
        [PUSH_TIME, now / 1000],
        [FAILURE_TIME, kept],
      ] as const) {
        const labels = Labels.fromMap(new Map([...grouping, [METRIC_NAME, name]]));
        const ref = appender.resolve(labels);
        if (ref >= 0) appender.append(ref, now, value);
        after.set(labels.key, { labels, family: name, value, ref });
      }
    }
    return after;
  }

  #one(
    sample: PushedSample,
    grouping: ReadonlyMap<string, string>,
    appender: SampleAppender,
    now: number,
  ): GroupSeries | null {
    const labels = Labels.fromMap(new Map([...sample.labels, ...grouping]));
    const ref = appender.resolve(labels);
    if (ref < 0 || !appender.append(ref, sample.timestamp ?? now, sample.value)) return null;
    appendExemplar(appender, ref, sample, now);
    return { labels, family: sample.family, value: sample.value, ref };
  }

  #markGone(before: Group | undefined, after: Group, appender: SampleAppender): void {
    const now = this.#deps.clock.now();
    for (const [key, { ref }] of before ?? []) {
      if (!after.has(key) && ref >= 0) appender.appendStale(ref, now);
    }
  }

  /** Sets `push_failure_time_seconds`, also in what the group repeats. */
  async #noteFailure(
    tenant: string,
    grouping: ReadonlyMap<string, string>,
    group: Group | undefined,
  ): Promise<void> {
    const appender = this.#deps.sink.appender({ tenant });
    const now = this.#deps.clock.now();
    const labels = Labels.fromMap(new Map([...grouping, [METRIC_NAME, FAILURE_TIME]]));
    const ref = appender.resolve(labels);
    if (ref >= 0) appender.append(ref, now, now / 1000);
    const held = group?.get(labels.key);
    if (held !== undefined) held.value = now / 1000;
    await appender.commit();
  }

  #checkRoom(groups: ReadonlyMap<string, Group>, key: string, size: number): void {
    const others = [...groups].filter(([other]) => other !== key);
    if (size > 0 && others.length >= MAX_GROUPS) {
      throw pushErrors.make('too_many_groups', `more than ${MAX_GROUPS} groups were pushed`);
    }
    const series = others.reduce((sum, [, group]) => sum + group.size, size);
    if (series > MAX_GROUP_SERIES) {
      throw pushErrors.make('series_limit', `more than ${MAX_GROUP_SERIES} series are held in pushed groups`);
    }
  }

  async #repeat(): Promise<void> {
    for (const [tenant, groups] of this.#tenants) {
      const appender = this.#deps.sink.appender({ tenant });
      const now = this.#deps.clock.now();
      for (const group of groups.values()) {
        for (const series of group.values()) {
          if (series.ref >= 0 && appender.append(series.ref, now, series.value)) continue;
          series.ref = appender.resolve(series.labels);
          if (series.ref >= 0) appender.append(series.ref, now, series.value);
        }
      }
      try {
        await appender.commit();
      } catch (error) {
        this.#telemetry.repeatFailures.inc();
        this.#deps.log.warn(
          { error: error instanceof Error ? error.message : String(error) },
          'pushed groups could not be repeated',
        );
      }
    }
  }

  /** Runs after everything earlier for the same group has ended. */
  async #inTurn<T>(tenant: string, key: string, work: () => Promise<T>): Promise<T> {
    const turn = `${tenant}\u0000${key}`;
    const before = this.#turns.get(turn) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(turn, settled);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(turn) === settled) this.#turns.delete(turn);
    }
  }

  #groupsOf(tenant: string): Map<string, Group> {
    let groups = this.#tenants.get(tenant);
    if (groups === undefined) {
      groups = new Map();
      this.#tenants.set(tenant, groups);
    }
    return groups;
  }

  #count(stored: number, refused: number): void {
    this.#telemetry.samples.inc({ result: 'stored' }, stored);
    this.#telemetry.samples.inc({ result: 'refused' }, refused);
  }

  #countProblems(parsed: PushedBody): void {
    for (const { reason } of parsed.problems) this.#telemetry.problems.inc({ reason });
    const beyond = parsed.problemCount - parsed.problems.length;
    if (beyond > 0) this.#telemetry.problems.inc({ reason: 'more' }, beyond);
  }

  #size(): { groups: number; series: number } {
    const all = [...this.#tenants.values()].flatMap((groups) => [...groups.values()]);
    return { groups: all.length, series: all.reduce((sum, group) => sum + group.size, 0) };
  }
}

const OWN: ReadonlySet<string> = new Set([PUSH_TIME, FAILURE_TIME]);

function ownValue(group: Group, family: string): number {
  for (const series of group.values()) if (series.family === family) return series.value;
  return 0;
}

function groupKey(grouping: ReadonlyMap<string, string>): string {
  return Labels.fromMap(grouping).key;
}

function pushTelemetry(telemetry: Telemetry, size: () => { groups: number; series: number }) {
  telemetry.gauge({
    name: 'pharos_push_groups',
    help: 'Pushed groups that are held and repeated.',
    value: () => size().groups,
  });
  telemetry.gauge({
    name: 'pharos_push_group_series',
    help: 'Series in pushed groups.',
    value: () => size().series,
  });
  return {
    samples: telemetry.counter({
      name: 'pharos_push_samples_total',
      help: 'Pushed samples by what became of them.',
      labels: ['result'],
    }),
    problems: telemetry.counter({
      name: 'pharos_push_parse_errors_total',
      help: 'Lines of pushed bodies refused, by what was wrong with them.',
      labels: ['reason'],
    }),
    repeatFailures: telemetry.counter({
      name: 'pharos_push_repeat_failures_total',
      help: 'Rounds of repeated groups that could not be stored.',
    }),
  };
}

/** Hands the sample's exemplar on; one without any time has the time of the push. */
function appendExemplar(appender: SampleAppender, ref: SeriesRef, sample: PushedSample, now: number): void {
  const { exemplar } = sample;
  if (exemplar === null) return;
  appender.appendExemplar(ref, exemplar.timestamp === 0 ? { ...exemplar, timestamp: now } : exemplar);
}
