import fc from 'fast-check';
import { expect, test } from 'vitest';
import { engineErrors } from '../errors.ts';
import { DEFAULT_MEMORY_BYTES, engineLimits } from './config.ts';
import { parseRequest, type Request } from './requests.ts';

const requests: readonly Request[] = [
  {
    type: 'open',
    options: { path: '/data', configFile: '/c.xml', limits: engineLimits(DEFAULT_MEMORY_BYTES) },
  },
  { type: 'run', id: 7, limits: 'background' },
  { type: 'cancel', id: 7 },
  { type: 'stop' },
];

test.each(requests)('$type crosses as it is', (request) => {
  expect(parseRequest(JSON.parse(JSON.stringify(request)))).toEqual(request);
});

test('what is no request is refused by the name of its field', () => {
  const refused: readonly (readonly [unknown, string])[] = [
    [null, 'request: null where an object was expected'],
    [{ type: '__proto__' }, 'type: "__proto__" where open, run, cancel or stop was expected'],
    [{ type: 'run', id: '7', limits: 'write' }, 'id: "7" where a number was expected'],
    [
      { type: 'run', id: 7, limits: 'all' },
      'limits: "all" where interactive, lookup, point, background or write was expected',
    ],
    [{ type: 'open' }, 'options: nothing where an object was expected'],
  ];
  for (const [header, message] of refused) expect(() => parseRequest(header)).toThrow(message);
});

test('any other value is refused as undecodable', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        parseRequest(value);
        expect.unreachable();
      } catch (error) {
        expect(engineErrors.is(error, 'undecodable')).toBe(true);
      }
    }),
  );
});
