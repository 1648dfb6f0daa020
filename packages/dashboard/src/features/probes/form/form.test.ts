import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../api/client.ts';
import { problemsOf } from '../../../ui/forms/problems.ts';
import { TYPES } from '../contracts.ts';
import { FIELDS, fieldOf } from './fields.ts';
import { headerLines, headerPatterns, jsonChecks, tcpSteps, words } from './lines.ts';
import { valueAt, withValue } from './paths.ts';

describe('lists as lines', () => {
  it.each([
    [words, 'a b\nc', ['a b', 'c']],
    [headerLines, 'Accept: text/html\nX-Key: a:b', { Accept: 'text/html', 'X-Key': 'a:b' }],
    [headerPatterns, 'Content-Type ~ ^text/ x', [{ name: 'Content-Type', matches: '^text/ x' }]],
    [
      jsonChecks,
      '$.db.status = "up"\n$.n = 3\n$.ok = true\n$.q >= 1\n$.q <= 10\n$.v ~ ^2\n$.there',
      [
        { path: '$.db.status', equals: 'up' },
        { path: '$.n', equals: 3 },
        { path: '$.ok', equals: true },
        { path: '$.q', min: 1 },
        { path: '$.q', max: 10 },
        { path: '$.v', matches: '^2' },
        { path: '$.there' },
      ],
    ],
    [
      tcpSteps,
      'expect ^220\nsend EHLO x\nstarttls',
      [{ expect: '^220' }, { send: 'EHLO x' }, { starttls: true }],
    ],
  ] as const)('%#: are read, and written as they were', (format, text, value) => {
    expect(format.read(text)).toEqual(value);
    expect(format.write(value)).toBe(text);
    expect(format.read('\n  \n')).toBeUndefined();
  });

  it.each([
    [headerLines, 'no colon'],
    [headerPatterns, 'Content-Type: x'],
    [jsonChecks, 'db.status = 1'],
    [jsonChecks, '$.n >= many'],
    [tcpSteps, 'say hello'],
  ] as const)('%#: name the line that is none', (format, text) =>
    expect(() => format.read(text)).toThrow(`“${text}”`),
  );

  it('are never read as something else than what they were written of', () => {
    const text = fc.stringMatching(/^[!-~]{1,12}$/);
    const check = fc.oneof(
      fc.record({
        path: text.map((name) => `$.${name}`),
        equals: fc.oneof(text, fc.integer(), fc.boolean()),
      }),
      fc.record({ path: text.map((name) => `$.${name}`), max: fc.integer() }),
    );
    fc.assert(
      fc.property(fc.array(check, { minLength: 1 }), (checks) => {
        expect(jsonChecks.read(jsonChecks.write(checks))).toEqual(checks);
      }),
    );
  });
});

it('a value at a path is set, and taken away with what is empty then', () => {
  const made = withValue(withValue({}, 'tls.verify', false), 'name', 'x');
  expect([
    made,
    valueAt(made, 'tls.verify'),
    valueAt(made, 'name.length'),
    valueAt(made, 'toString'),
  ]).toEqual([{ tls: { verify: false }, name: 'x' }, false, undefined, undefined]);
  expect(withValue(made, 'tls.verify', undefined)).toEqual({ name: 'x' });
});

it('problems stand at the field they are about', () => {
  for (const type of TYPES) {
    const paths = FIELDS[type].flatMap(({ fields }) => fields.map(({ path }) => path));
    expect(new Set(paths).size).toBe(paths.length);
  }
  expect(fieldOf('http', 'body.expect.json.0.path')).toBe('expect.json');
  expect(fieldOf('icmp', 'body.expect.json')).toBe(null);
  const error = new ApiError('refused', 'x', 400, 'all of it', [
    { field: 'body.target', problem: 'no address' },
    { field: 'body.name', problem: 'too long' },
    { field: 'body.name', problem: 'taken' },
    { field: 'body', problem: 'odd' },
  ]);
  expect(problemsOf(error, (place) => fieldOf('http', place))).toEqual({
    at: new Map([
      ['target', 'no address'],
      ['name', 'too long; taken'],
    ]),
    rest: ['body: odd'],
  });
  expect(problemsOf(new Error('gone'), () => null).rest).toEqual(['gone']);
});
