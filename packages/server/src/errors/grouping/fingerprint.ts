import { createHash } from 'node:crypto';
import { type ErrorEvent, type Thrown, titleOf } from '../event.ts';
import { normaliseMessage } from './normalise.ts';
import { moduleOf, ownFrames, placeOf } from './places.ts';

/** Rises with every change that groups events otherwise; docs/errors.md has what each version does. */
export const GROUPING_VERSION = 1;

/** Callers that count where the message says nothing. */
const CALLERS = 5;

/** Why an event belongs to its group. */
export interface Fingerprint {
  /** 32 hex digits; events of one group have the same. */
  readonly hash: string;
  readonly version: number;
  /** What it was made of, for people. */
  readonly parts: readonly string[];
}

/** Which group an event belongs to: a pure function of the event (docs/errors.md). */
export function fingerprintOf(event: ErrorEvent): Fingerprint {
  const parts = customParts(event) ?? defaultParts(event);
  const hash = createHash('sha256')
    .update(JSON.stringify([GROUPING_VERSION, parts]))
    .digest('hex')
    .slice(0, 32);
  return { hash, version: GROUPING_VERSION, parts };
}

function defaultParts(event: ErrorEvent): string[] {
  const parts = [`service ${event.service}`];
  if (event.exceptions.length === 0)
    return [...parts, `logger ${event.logger}`, `message ${normaliseMessage(event.message)}`];
  for (const [depth, thrown] of event.exceptions.entries()) parts.push(...thrownParts(thrown, depth));
  return parts;
}

function thrownParts(thrown: Thrown, depth: number): string[] {
  const message = normaliseMessage(thrown.message);
  const says = /\p{L}/u.test(message.replace(/<[a-z]+>/g, ''));
  const own = ownFrames(thrown.frames);
  const places = withoutRecursion(own.map(placeOf)).slice(0, says ? 1 : CALLERS);
  return [
    `${depth === 0 ? 'error' : 'caused by'} ${thrown.name}`,
    ...(thrown.code === '' ? [] : [`code ${thrown.code}`]),
    `message ${message}`,
    ...places.map((place) => `at ${place}`),
  ];
}

/** A call of itself counts once, however deep it went. */
function withoutRecursion(places: readonly string[]): string[] {
  return places.filter((place, i) => place !== places[i - 1]);
}

const VARIABLE = /\{\{\s*([a-z_.]{1,40})\s*\}\}/g;

/** The parts as the sender gave them, `{{ default }}` and other variables filled in; null where that is the usual way. */
function customParts(event: ErrorEvent): string[] | null {
  const { fingerprint } = event;
  if (fingerprint.length === 0 || (fingerprint.length === 1 && isDefault(fingerprint[0] ?? ''))) return null;
  return fingerprint.flatMap((part) =>
    isDefault(part)
      ? defaultParts(event)
      : [`custom ${part.replace(VARIABLE, (text, name: string) => VARIABLES.get(name)?.(event) ?? text)}`],
  );
}

function isDefault(part: string): boolean {
  return /^\s*\{\{\s*default\s*\}\}\s*$/.test(part);
}

type Variable = (event: ErrorEvent) => string;

const typeName: Variable = (event) => titleOf(event).name;
const value: Variable = (event) => normaliseMessage(titleOf(event).message);
const ownFrame = (event: ErrorEvent) => ownFrames(event.exceptions[0]?.frames ?? [])[0];
const functionName: Variable = (event) => ownFrame(event)?.function ?? '';
const moduleName: Variable = (event) => moduleOf(ownFrame(event)?.file ?? '');

/** What may stand in the parts of a sender's fingerprint; other names stay as they are. */
const VARIABLES: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ['type', typeName],
  ['error.type', typeName],
  ['message', value],
  ['value', value],
  ['error.value', value],
  ['function', functionName],
  ['stack.function', functionName],
  ['module', moduleName],
  ['stack.module', moduleName],
  ['transaction', ({ transaction }) => transaction],
  ['environment', ({ environment }) => environment],
  ['release', ({ release }) => release],
  ['level', ({ level }) => level],
  ['logger', ({ logger }) => logger],
  ['service', ({ service }) => service],
]);
