import { Buffer } from 'node:buffer';
import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../kernel/telemetry.ts';
import type { LogLine } from '../sink.ts';
import { logsTelemetry } from '../telemetry.ts';
import { passesLuhn } from './card.ts';
import { redactSchema } from './config.ts';
import { Redactor } from './redactor.ts';

const ALL = { ready: ['secrets', 'cards', 'emails'] };

function setup(config: object) {
  const telemetry = createTelemetry();
  const count = logsTelemetry(telemetry, () => ({
    streams: 0,
    pendingLines: 0,
    pendingBytes: 0,
    newestBytes: 0,
  })).redacted;
  const redactor = new Redactor(redactSchema.parse(config), (rule) => count.inc({ rule }));
  const redacted = (message: string | Uint8Array, metadata: string[] = []) => {
    const bytes = Buffer.from(message);
    const line: LogLine = { time: { ms: 0, nanos: 0 }, bytes, start: 0, end: bytes.length, metadata };
    redactor.apply(line);
    return { text: Buffer.from(line.bytes).toString('latin1', line.start, line.end), line, metadata };
  };
  const counts = async (): Promise<Record<string, number>> => {
    const family = (await telemetry.families()).find(({ name }) => name === 'pharos_logs_redacted_total');
    return Object.fromEntries(
      (family?.samples ?? []).map(({ labels, value }) => [labels['rule'] ?? '', value]),
    );
  };
  return { redacted, redactor, counts };
}

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4';

describe('ready rules', () => {
  it.each([
    ['Authorization: Bearer abc.DEF-123_456', 'Authorization: Bearer [REDACTED]', 'bearer'],
    ['auth BASIC dXNlcjpwYXNz==', 'auth BASIC [REDACTED]', 'bearer'],
    [`got ${TOKEN} back`, 'got [REDACTED] back', 'jwt'],
    ['key AKIAIOSFODNN7EXAMPLE used', 'key [REDACTED] used', 'aws_key'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '[REDACTED]', 'aws_key'],
    ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '[REDACTED]', 'aws_key'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x', '[REDACTED] x', 'private_key'],
    ['-----BEGIN PRIVATE KEY-----MIIE', '[REDACTED]', 'private_key'],
    ['mongodb://root:s3cr:et@db:27017/x', 'mongodb://root:[REDACTED]@db:27017/x', 'url_password'],
    ['login password=hunter2, next', 'login password=[REDACTED], next', 'password'],
    ['{"apiKey": "abc def","a":1}', '{"apiKey": [REDACTED],"a":1}', 'password'],
    ['msg="{\\"client_secret\\":\\"abc\\"}"', 'msg="{\\"client_secret\\":[REDACTED]}"', 'password'],
    ['DB_PASSWORD=hunter2 set', 'DB_PASSWORD=[REDACTED] set', 'password'],
    ['{"userPassword":"hunter2"}', '{"userPassword":[REDACTED]}', 'password'],
    ['{"password":"a\\"bcd","n":1}', '{"password":[REDACTED],"n":1}', 'password'],
    ['{"password":"a\\\\","n":"1"}', '{"password":[REDACTED],"n":"1"}', 'password'],
    ['the nonsecrets: many', 'the nonsecrets: many', null],
    ['paid with 4111 1111 1111 1111.', 'paid with [REDACTED].', 'card'],
    ['at 0.4111111111111111', 'at 0.4111111111111111', null],
    ['paid with 4111 1111 1111 1111, ok', 'paid with [REDACTED], ok', 'card'],
    ['card=5500-0000-0000-0004', 'card=[REDACTED]', 'card'],
    ['amex 378282246310005', 'amex [REDACTED]', 'card'],
    ['mail to ann.b+c@shop.example.com now', 'mail to [REDACTED] now', 'email'],
    [
      '4111111111111112 is no card, nor 1700000000123456789',
      '4111111111111112 is no card, nor 1700000000123456789',
      null,
    ],
    ['trace 0af4111111111111111c', 'trace 0af4111111111111111c', null],
    ['GET http://a:80/x?at=1@2 a@b user:me', 'GET http://a:80/x?at=1@2 a@b user:me', null],
    ['the password is wrong; forgot your token?', 'the password is wrong; forgot your token?', null],
  ])('%s', async (text, expected, rule) => {
    const { redacted, counts } = setup(ALL);
    expect(redacted(text).text).toBe(expected);
    expect(await counts()).toEqual(rule === null ? {} : { [rule]: 1 });
  });

  it('looks at metadata values, and at names that tell of a secret', async () => {
    const { redacted, counts } = setup(ALL);
    const { metadata } = redacted('x', [
      'user',
      'ann@shop.example',
      'db.password',
      'x',
      'shopApiKey',
      'y',
      'password_hint',
      'z',
      'api-key',
      'y',
      'n',
      '7',
    ]);
    expect(metadata.join(' ')).toBe(
      'user [REDACTED] db.password [REDACTED] shopApiKey [REDACTED] password_hint z api-key [REDACTED] n 7',
    );
    expect(await counts()).toEqual({ email: 1, password: 3 });
  });

  it('looks at the labels of streams as at metadata', async () => {
    const { redactor, counts } = setup(ALL);
    const labels = Labels.fromRecord({ app: 'cart', user: 'anna@example.com', password: 'x' });
    expect(redactor.labels(labels).toMap()).toEqual(
      new Map([
        ['app', 'cart'],
        ['password', '[REDACTED]'],
        ['user', '[REDACTED]'],
      ]),
    );
    expect(await counts()).toEqual({ email: 1, password: 1 });
    const plain = Labels.fromRecord({ app: 'cart' });
    expect(redactor.labels(plain)).toBe(plain);
  });

  it('leaves lines alone that have nothing, bytes and all', () => {
    const { redacted } = setup(ALL);
    const bytes = Buffer.from('GET /orders 200 12ms');
    expect(redacted(bytes).line.bytes.buffer).toBe(bytes.buffer);
    const broken = Buffer.from('caf\xe9 ann@shop.example', 'latin1');
    expect(redacted(broken).text).toBe('caf\xe9 ann@shop.example');
  });

  it('nothing is on unless it is said', () => {
    expect(redactSchema.parse({})).toEqual([]);
    expect(redactSchema.parse({ ready: ['cards', 'cards'] }).map(({ name }) => name)).toEqual(['card']);
  });

  it('finds every card number, in whatever groups', () => {
    const { redacted } = setup({ ready: ['cards'] });
    const number = fc.tuple(
      fc.constantFrom('4', '51', '37', '6'),
      fc.array(fc.nat(9), { minLength: 13, maxLength: 13 }),
    );
    const separator = fc.constantFrom('', ' ', '-');
    fc.assert(
      fc.property(number, separator, fc.integer({ min: 1, max: 6 }), ([prefix, digits], between, size) => {
        const body = prefix + digits.join('');
        const card = body + [...Array(10).keys()].find((last) => passesLuhn(body + last));
        const written = (card.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join(between);
        expect(redacted(`paid (${written})`).text).toBe('paid ([REDACTED])');
      }),
    );
  });

  it('stays linear in what wants to be slow', () => {
    const { redacted } = setup(ALL);
    const long = 20_000;
    for (const text of [
      'a'.repeat(long) + '@',
      '4'.repeat(long),
      'password='.repeat(long / 10),
      'a.@'.repeat(long / 3),
      '-----BEGIN PRIVATE KEY'.repeat(500),
    ])
      expect(redacted(text).text.length).toBeGreaterThan(0);
  });
});

describe('own rules', () => {
  it('replace what they find, groups and all', async () => {
    const { redacted, counts } = setup({
      rules: [
        { name: 'session', pattern: '(session)=\\w+', replacement: '$1=…', contains: ['session='] },
        { name: 'iban', pattern: '\\bDE\\d{20}\\b' },
      ],
    });
    expect(Buffer.from(redacted('session=abc DE89370400440532013000').text, 'latin1').toString()).toBe(
      'session=… [REDACTED]',
    );
    expect(await counts()).toEqual({ session: 1, iban: 1 });
  });

  it.each([
    [{ rules: [{ name: 'a', pattern: '(?=x)' }] }],
    [{ rules: [{ name: 'a', pattern: 'x*' }] }],
    [{ rules: [{ name: 'A b', pattern: 'x' }] }],
    [{ rules: [{ name: 'card', pattern: 'x' }], ready: ['cards'] }],
    [{ ready: ['everything'] }],
  ])('refuses %j', (config) => {
    expect(redactSchema.safeParse(config).success).toBe(false);
  });

  it('never throws, whatever the line', () => {
    const { redacted } = setup({
      ...ALL,
      rules: [{ name: 'a', pattern: '[a-c]+(d)?', replacement: '<$1>' }],
    });
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('@', '://', ':', 'password=', '"', '\\', '4111111111111111', 'eyJ', '.'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        redacted(parts.join(''), ['k', parts.join('')]);
      }),
    );
  });
});
