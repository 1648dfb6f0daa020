import { readFileSync } from 'node:fs';
import type { ConfigProblem } from '../../../kernel/config/load.ts';
import { timeInterval } from '../../config/time-intervals.ts';
import { type Decoder, given, listOf, struct, text } from '../../config/yaml/decode.ts';
import { type Place, YamlFile } from '../../config/yaml/place.ts';
import type { TimeInterval } from '../../intervals/interval.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { type Policy, policy } from './policy.ts';
import { schedule, zone } from './schedule.ts';

/** Somebody who can be told, by receivers of Alertmanager's file. */
interface Person {
  readonly name: string;
  readonly contacts: readonly string[];
}

/** Who is on call, and who is told when, checked and complete. */
export interface OnCallConfig {
  /** Where clocks hang that say nothing else. */
  readonly zone: string;
  readonly people: readonly Person[];
  readonly schedules: readonly Schedule[];
  readonly policies: readonly Policy[];
  /** Names of policies, by the receivers of Alertmanager's file that lead to them. */
  readonly hooks: ReadonlyMap<string, string>;
}

export type OnCallConfigResult =
  | { readonly ok: true; readonly config: OnCallConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Nobody is on call, and no receiver leads to a policy: Alertmanager's file alone says who is told. */
export const NO_ON_CALL: OnCallConfig = {
  zone: 'UTC',
  people: [],
  schedules: [],
  policies: [],
  hooks: new Map(),
};

interface Named {
  readonly name: string;
  readonly place: Place;
}

const personFields = struct({ name: text, contacts: listOf(text) });
const person: Decoder<Named & { readonly contacts: readonly string[] }> = (place) => {
  const written = personFields(place);
  if (written === undefined) return undefined;
  const { name, contacts = [] } = written;
  if (!given(name)) return place.refuse('missing name in person');
  if (contacts.length === 0) place.refuse(`"${name}" has no contacts and could not be told`);
  return { name, place, contacts };
};

const intervalFields = struct({ name: text, time_intervals: listOf(timeInterval) });
const namedInterval: Decoder<Named & { readonly intervals: readonly TimeInterval[] }> = (place) => {
  const written = intervalFields(place);
  if (written === undefined) return undefined;
  if (!given(written.name)) return place.refuse('missing name in time interval');
  return { name: written.name, place, intervals: written.time_intervals ?? [] };
};

const rootFields = struct({
  time_zone: zone,
  people: listOf(person),
  time_intervals: listOf(namedInterval),
  schedules: listOf(schedule),
  policies: listOf(policy),
  escalate: listOf(struct({ receiver: text, policy: text })),
});

type Written = NonNullable<ReturnType<typeof rootFields>>;

/** Reads the whole file, and says all that is wrong with it. `receivers` are those of Alertmanager's file. */
export function loadOnCall(
  source: { readonly name: string; readonly text: string },
  receivers: ReadonlySet<string>,
): OnCallConfigResult {
  const file = new YamlFile(source.name, source.text, null);
  const written = file.problems.length > 0 || file.root.isNull ? undefined : rootFields(file.root);
  if (file.problems.length > 0) return { ok: false, problems: file.problems };
  const config = written === undefined ? NO_ON_CALL : complete(written, receivers);
  return file.problems.length > 0 ? { ok: false, problems: file.problems } : { ok: true, config };
}

/** The same of a file; of none when the path is undefined. Read at once: it is small, and read at starts and reloads only. */
export function readOnCall(path: string | undefined, receivers: ReadonlySet<string>): OnCallConfigResult {
  if (path === undefined) return { ok: true, config: NO_ON_CALL };
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [{ where: path, path: '', message: `cannot be read: ${reason}` }] };
  }
  return loadOnCall({ name: path, text: content }, receivers);
}

function complete(written: Written, receivers: ReadonlySet<string>): OnCallConfig {
  const fileZone = written.time_zone ?? 'UTC';
  const people = unique(written.people ?? [], 'person');
  for (const { place, contacts } of people)
    for (const contact of contacts)
      if (!receivers.has(contact)) place.at('contacts').refuse(noReceiver(contact));
  const intervals = new Map(
    unique(written.time_intervals ?? [], 'time interval').map(({ name, intervals: of }) => [name, of]),
  );
  const names = { zone: fileZone, people: new Set(people.map(({ name }) => name)), intervals };
  const schedules = unique(written.schedules ?? [], 'schedule').map((one) => one.finish(names));
  const targets = {
    schedule: new Set(schedules.map(({ name }) => name)),
    person: names.people,
    receiver: receivers,
  };
  const policyNames = { zone: fileZone, intervals, targets };
  const policies = unique(written.policies ?? [], 'policy').map((one) => one.finish(policyNames));
  return {
    zone: fileZone,
    people: people.map(({ name, contacts }) => ({ name, contacts })),
    schedules,
    policies,
    hooks: hooksOf(written, new Set(policies.map(({ name }) => name)), receivers),
  };
}

function hooksOf(
  { escalate = [] }: Written,
  policies: ReadonlySet<string>,
  receivers: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const hooks = new Map<string, string>();
  for (const { place, receiver, policy: to } of escalate) {
    if (!given(receiver) || !given(to)) {
      place.refuse('expected "receiver" and "policy"');
      continue;
    }
    if (!receivers.has(receiver)) place.at('receiver').refuse(noReceiver(receiver));
    if (!policies.has(to)) place.at('policy').refuse(`there is no policy "${to}"`);
    if (hooks.has(receiver)) place.at('receiver').refuse(`receiver "${receiver}" already leads to a policy`);
    hooks.set(receiver, to);
  }
  return hooks;
}

function noReceiver(name: string): string {
  return `Alertmanager's file has no receiver "${name}"`;
}

function unique<T extends Named>(all: readonly T[], what: string): readonly T[] {
  const names = new Set<string>();
  for (const { name, place } of all) {
    if (names.has(name)) place.refuse(`${what} "${name}" is there twice`);
    names.add(name);
  }
  return all;
}
