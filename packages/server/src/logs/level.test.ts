import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectLevel, LOG_LEVELS, namedLevel } from './level.ts';

const of = (line: string): string => {
  const bytes = Buffer.from(`pad${line}pad`);
  return detectLevel(bytes, 3, bytes.length - 3);
};

describe('the level of a line', () => {
  it.each([
    ['{"level":"warn","msg":"an error"}', 'warn'],
    ['{"time":1,"level":50,"msg":"x"}', 'error'],
    ['ts=1 level=debug msg="fatal"', 'debug'],
    ['severity: CRITICAL out of disk', 'critical'],
    ['2024-01-01 10:00:00 ERROR [main] boom', 'error'],
    ['[WARN] slow', 'warn'],
    ['E informational only', 'info'],
    ['info: request failed with error', 'error'],
    ['level is fine', 'unknown'],
    ['errors everywhere', 'unknown'],
    ['', 'unknown'],
    ['GET /index.html 200', 'unknown'],
  ])('%s', (line, level) => expect(of(line)).toBe(level));

  it('is one of the known, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(LOG_LEVELS).toContain(detectLevel(bytes, 0, bytes.length));
      }),
    );
  });

  it('is the severest word that is a level, of words up to the first name with one, whatever stands between them', () => {
    const levels: Readonly<Record<string, string>> = {
      fatal: 'fatal',
      ALERT: 'fatal',
      Crit: 'critical',
      error: 'error',
      eror: 'error',
      WARNING: 'warn',
      dbg: 'debug',
      verbose: 'trace',
      informational: 'info',
      notice: 'info',
    };
    const severest = ['fatal', 'critical', 'error', 'warn', 'debug', 'trace', 'info'];
    const words = fc.constantFrom(
      ...Object.keys(levels),
      'errors',
      'in4',
      'in',
      'warnungen',
      'levels',
      'x',
      'ínfo',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(words, fc.constantFrom(' ', ',', '[', '] ', '="', '_', '/')), { maxLength: 12 }),
        (parts) => {
          const found = parts.flatMap(([word]) => levels[word] ?? []);
          const expected = severest.find((level) => found.includes(level)) ?? 'unknown';
          expect(of(parts.map(([word, between]) => word + between).join(''))).toBe(expected);
        },
      ),
    );
  });

  it('is what a label says, also when that is no level', () => {
    const get = (labels: Record<string, string>) => (name: string) => labels[name];
    expect(namedLevel(get({ severity: 'Warning' }))).toBe('warn');
    expect(namedLevel(get({ level: 'audit' }))).toBe('unknown');
    expect(namedLevel(get({ app: 'x' }))).toBeNull();
  });
});
