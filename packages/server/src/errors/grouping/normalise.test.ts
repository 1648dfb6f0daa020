import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseMessage } from './normalise.ts';

describe('normalised messages', () => {
  it.each([
    ['user 42 not found', 'user <var> not found'],
    ['took 12.5ms', 'took <var>'],
    ['took 3 seconds, 4 seconds', 'took <var>'],
    ['order 3f2504e0-4f89-11d3-9a0c-0305e82c3301 is gone', 'order <var> is gone'],
    ['object 507f1f77bcf86cd799439011 is locked', 'object <var> is locked'],
    ['at 0xdeadbeef', 'at <var>'],
    ['connect ECONNREFUSED 10.0.0.7:5432', 'connect ECONNREFUSED <address>'],
    ['connect ECONNREFUSED ::1:5432', 'connect ECONNREFUSED <address>'],
    ['lookup db-17.internal.example:5432 failed', 'lookup <address> failed'],
    ['mail to jane.doe+x@example.org bounced', 'mail to <email> bounced'],
    ['GET https://api.example/v1/users/7?x=1 failed', 'GET <url> failed'],
    ["ENOENT: no such file, open '/tmp/a b.txt'", 'ENOENT: no such file, open <value>'],
    ['cannot read /var/lib/app/42.json today', 'cannot read <path> today'],
    ['cannot read C:\\Users\\x\\y.txt today', 'cannot read <path> today'],
    ['expired at 2026-11-22T03:00:00.123Z', 'expired at <time>'],
    ['expired at Sun Nov 22 2026 03:00:00 GMT+0000 (Coordinated Universal Time)', 'expired at <time>'],
    ['since 12:30:01', 'since <time>'],
    ['"jane" is not "joe"', '<value> is not <value>'],
    ['can\u0027t open the user\u0027s file', 'can\u0027t open the user\u0027s file'],
    ['ids 1, 2, 3', 'ids <var>'],
    ['ids a1b2c3, 8f3a2b1c', 'ids <var>'],
    ['user42 has 4xx', 'user<var> has <var>xx'],
    ['token ord_8fKq2LxP9 is used', 'token <var> is used'],
    ['\u001b[31mred\u001b[0m 5', 'red <var>'],
  ])('%s', (message, normalised) => {
    expect(normaliseMessage(message)).toBe(normalised);
  });

  it('keeps what speaks: names of properties, statuses of HTTP', () => {
    expect(normaliseMessage("Cannot read properties of undefined (reading 'price')")).toContain(
      "(reading 'price')",
    );
    expect(normaliseMessage('Request failed with status code 404')).toBe(
      'Request failed with status code 404',
    );
    expect(normaliseMessage('Request failed with status code 500')).not.toBe(
      normaliseMessage('Request failed with status code 404'),
    );
  });

  it('does not change what is normalised already, and never grows beyond its limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (message) => {
        const once = normaliseMessage(message);
        expect(once.length).toBeLessThanOrEqual(500);
        expect(
          /\d/.test(
            once.replace(
              /\b(?:status(?: ?code)?|HTTP(?:\/[\d.]+)?)[ :=]{1,3}\d{3}|\((?:reading|setting|evaluating) '[^']*'\)/gi,
              '',
            ),
          ),
        ).toBe(false);
      }),
    );
  });
});
