import { describe, expect, it } from 'vitest';
import {
  causesOf,
  failsCallers,
  hasOwnFault,
  type Judged,
  lacksAnswers,
  waitsForMachine,
} from './dependencies.ts';
import type { Status } from './status.ts';
import type { SourceKind } from './verdict.ts';

const judged = (status: Status, kind: SourceKind = 'traffic', failing = false): Judged => ({
  status,
  sources: [{ kind, status, failing, at: 0, reasons: [] }],
});
const calls = (text: string) =>
  new Map(
    text.split(' ').map((edge) => {
      const [caller = '', called = ''] = edge.split('>');
      return [caller, new Set(called.split(','))] as const;
    }),
  );

describe('causesOf', () => {
  it.each<[string, Record<string, Judged>, string, string[]]>([
    ['well', { a: judged('healthy'), b: judged('unhealthy') }, 'a>b', []],
    [
      'symptom of a dead one',
      { a: judged('degraded'), b: judged('unhealthy', 'scrape', true) },
      'a>b',
      ['b'],
    ],
    ['dead itself', { a: judged('unhealthy', 'scrape', true), b: judged('degraded') }, 'a>b', []],
    ['busy itself', { a: judged('degraded', 'resources'), b: judged('degraded') }, 'a>b', []],
    [
      'failing more often than what it calls',
      {
        a: {
          status: 'degraded',
          sources: [{ kind: 'traffic', status: 'degraded', failing: false, own: true, at: 0, reasons: [] }],
        },
        b: judged('degraded'),
      },
      'a>b',
      [],
    ],
    ['a well dependency', { a: judged('degraded'), b: judged('healthy') }, 'a>b', []],
    ['an unknown dependency', { a: judged('degraded'), b: judged('unknown') }, 'a>b', []],
    [
      'down a chain to its end',
      { a: judged('degraded'), b: judged('degraded'), c: judged('degraded') },
      'a>b b>c',
      ['c'],
    ],
    [
      'down a chain to the first that has a fault of its own',
      { a: judged('degraded'), b: judged('degraded', 'resources'), c: judged('degraded') },
      'a>b b>c',
      ['b'],
    ],
    [
      'two at once',
      { a: judged('degraded'), b: judged('degraded'), c: judged('unhealthy', 'poll', true) },
      'a>b,c',
      ['b', 'c'],
    ],
    ['each other', { a: judged('degraded'), b: judged('degraded') }, 'a>b b>a', ['b']],
    ['a service nobody judged', { a: judged('degraded') }, 'a>b', []],
  ])('%s', (_name, services, edges, expected) => {
    expect(causesOf('a', new Map(Object.entries(services)), calls(edges))).toEqual(expected);
  });

  it('takes one that says of itself that it is degraded as a symptom', () => {
    const services = new Map([
      ['a', judged('degraded', 'poll')],
      ['b', judged('unhealthy', 'scrape', true)],
    ]);
    expect(causesOf('a', services, calls('a>b'))).toEqual(['b']);
  });

  it('ends in a large circle', () => {
    const names = Array.from({ length: 500 }, (_, i) => `s${i}`);
    const services = new Map(names.map((name) => [name, judged('degraded')]));
    const circle = new Map(names.map((name, i) => [name, new Set([names[(i + 1) % 500] ?? ''])]));
    expect(causesOf('s0', services, circle)).toEqual(['s499']);
  });
});

const source = (kind: SourceKind, status: Status, failing = false): Judged['sources'][number] => ({
  kind,
  status,
  failing,
  at: 0,
  reasons: [],
});

describe('hasOwnFault', () => {
  it.each<[string, Judged['sources'], boolean]>([
    ['one lost look', [source('scrape', 'degraded', true), source('poll', 'healthy')], false],
    ['two in a row', [source('scrape', 'unhealthy', true), source('poll', 'healthy')], true],
    ['a /health that is late again', [source('poll', 'unhealthy', true), source('scrape', 'healthy')], false],
    ['a /health that is late, where nothing else is seen', [source('poll', 'unhealthy', true)], true],
    [
      'a /health that nobody listens for',
      [{ ...source('poll', 'unhealthy', true), refused: true }, source('scrape', 'healthy')],
      true,
    ],
    ['one each of two kinds', [source('scrape', 'degraded', true), source('poll', 'degraded', true)], true],
    [
      'one lost look beside a busy core',
      [source('scrape', 'degraded', true), source('resources', 'degraded')],
      true,
    ],
    ['one of its instances down', [source('scrape', 'degraded')], true],
    ['what it says of itself', [source('poll', 'degraded')], false],
    ['requests that fail', [source('traffic', 'degraded')], false],
    ['more of them than its calls', [{ ...source('traffic', 'degraded'), own: true }], true],
    ['a loop that waits for its machine', [source('resources', 'healthy')], false],
  ])('of %s', (_name, sources, expected) => {
    expect(hasOwnFault({ status: 'degraded', sources })).toBe(expected);
  });
});

it('knows who does not get answers by open breakers', () => {
  expect(lacksAnswers({ status: 'degraded', sources: [source('breaker', 'degraded')] })).toBe(true);
  const sources = [source('breaker', 'healthy'), source('traffic', 'degraded')];
  expect(lacksAnswers({ status: 'degraded', sources })).toBe(false);
});

it('knows who only waits for its machine', () => {
  const slow = source('traffic', 'degraded');
  const ofMachine = { ...slow, ofMachine: true };
  expect(waitsForMachine({ sources: [source('traffic', 'healthy')] })).toBeUndefined();
  expect(waitsForMachine({ sources: [ofMachine, source('resources', 'healthy')] })).toBe(true);
  expect(waitsForMachine({ sources: [slow] })).toBe(false);
  expect(waitsForMachine({ sources: [ofMachine, source('breaker', 'degraded')] })).toBe(false);
});

describe('failsCallers', () => {
  it.each<[string, Judged['sources'], boolean]>([
    ['answers badly', [source('traffic', 'degraded')], true],
    ['does not answer', [source('traffic', 'healthy'), source('scrape', 'degraded', true)], true],
    ['says so itself', [source('traffic', 'healthy'), source('report', 'degraded')], true],
    ['is busy, and answers as ever', [source('traffic', 'healthy'), source('resources', 'degraded')], false],
    [
      'answers as ever, only late',
      [source('traffic', 'healthy'), { ...source('resources', 'degraded'), felt: true }],
      true,
    ],
    ['is busy, and nobody asks it', [source('resources', 'degraded')], true],
    ['no longer asks another', [source('traffic', 'healthy'), source('breaker', 'degraded')], false],
  ])('%s', (_name, sources, expected) => {
    expect(failsCallers({ status: 'degraded', sources })).toBe(expected);
  });
});
