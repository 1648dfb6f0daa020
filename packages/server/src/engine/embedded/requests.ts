import { engineErrors } from '../errors.ts';
import type { LimitClass } from '../types.ts';
import type { ClassLimits, EngineLimits } from './config.ts';
import type { CoreOptions } from './core.ts';

/** Server to engine. `open` comes first and once; the text of `run` is the frame's body. */
export type Request =
  | { readonly type: 'open'; readonly options: CoreOptions }
  | { readonly type: 'run'; readonly id: number; readonly limits: LimitClass }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'stop' };

/**
 * A frame's header as a request. Throws `undecodable`.
 *
 * By hand and not by a schema: loading the schemas' library took a fifth of the time the engine needs to be back after a kill.
 */
export function parseRequest(header: unknown): Request {
  const fields = object(header, 'request');
  switch (fields['type']) {
    case 'open':
      return { type: 'open', options: coreOptions(fields['options']) };
    case 'run':
      return { type: 'run', id: number(fields, 'id'), limits: limitClass(fields['limits']) };
    case 'cancel':
      return { type: 'cancel', id: number(fields, 'id') };
    case 'stop':
      return { type: 'stop' };
    default:
      throw wrong('type', fields['type'], 'open, run, cancel or stop');
  }
}

function coreOptions(value: unknown): CoreOptions {
  const fields = object(value, 'options');
  const limits = object(fields['limits'], 'limits');
  const all: EngineLimits = {
    interactive: classLimits(limits['interactive']),
    lookup: classLimits(limits['lookup']),
    point: classLimits(limits['point']),
    background: classLimits(limits['background']),
    write: classLimits(limits['write']),
  };
  return { path: string(fields, 'path'), configFile: string(fields, 'configFile'), limits: all };
}

function classLimits(value: unknown): ClassLimits {
  const fields = object(value, 'limits of a class');
  return {
    sessions: number(fields, 'sessions'),
    waiting: number(fields, 'waiting'),
    executionSeconds: number(fields, 'executionSeconds'),
    memoryBytes: number(fields, 'memoryBytes'),
    resultBytes: number(fields, 'resultBytes'),
    threads: number(fields, 'threads'),
  };
}

function limitClass(value: unknown): LimitClass {
  switch (value) {
    case 'interactive':
    case 'lookup':
    case 'point':
    case 'background':
    case 'write':
      return value;
    default:
      throw wrong('limits', value, 'interactive, lookup, point, background or write');
  }
}

function object(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw wrong(name, value, 'an object');
}

function number(fields: Readonly<Record<string, unknown>>, name: string): number {
  const value = fields[name];
  if (typeof value === 'number') return value;
  throw wrong(name, value, 'a number');
}

function string(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw wrong(name, value, 'a string');
}

function wrong(name: string, value: unknown, expected: string): Error {
  return engineErrors.make(
    'undecodable',
    `${name}: ${JSON.stringify(value) ?? 'nothing'} where ${expected} was expected`,
  );
}
