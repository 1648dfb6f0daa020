import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanosOf } from '../../time.ts';
import { parseSyslog } from './message.ts';
import type { LocalTimes } from './parts.ts';

const NOW = Date.UTC(2026, 0, 1, 0, 30);
const LOCAL: LocalTimes = { now: NOW, offsetMinutes: 60 };

function parse(text: string | Uint8Array, local = LOCAL) {
  const message = parseSyslog(Buffer.from(text), local);
  return {
    ...message,
    text: Buffer.from(message.text).toString(),
    time: message.time === null ? null : new Date(message.time.ms).toISOString(),
    nanos: message.time?.nanos ?? 0,
  };
}

describe('RFC 5424', () => {
  it('takes all of it apart', () => {
    expect(
      parse(
        '<165>1 2003-10-11T22:14:15.003456Z mymachine.example.com evntslog 8710 ID47 [exampleSDID@32473 iut="3" eventSource="Appli\\"ca\\]tion"][x y="ü\\n" ] \ufeffAn application event',
      ),
    ).toEqual({
      format: 'rfc5424',
      facility: 20,
      severity: 5,
      time: '2003-10-11T22:14:15.003Z',
      nanos: 456_000,
      host: 'mymachine.example.com',
      app: 'evntslog',
      process: '8710',
      id: 'ID47',
      data: ['exampleSDID_32473_iut', '3', 'exampleSDID_32473_eventSource', 'Appli"ca]tion', 'x_y', 'ü\\n'],
      text: 'An application event',
      problem: null,
    });
  });

  it('knows what is nil, and messages without a text', () => {
    expect(parse('<14>1 - - - - - -')).toMatchObject({
      time: null,
      host: '',
      app: '',
      text: '',
      problem: null,
    });
    expect(parse('<14>1 2003-08-24T05:14:15.000003-07:00 h a - - [a]')).toMatchObject({
      time: '2003-08-24T12:14:15.000Z',
      nanos: 3000,
      text: '',
      problem: null,
    });
  });

  it.each([
    ['<14>1 - h a', 'bad_header', '<14>1 - h a', ''],
    ['<14>1 yesterday h a - - - hi', 'bad_timestamp', 'hi', 'a'],
    ['<14>1 - h a - - [a b=c] hi', 'bad_structured_data', '[a b=c] hi', 'a'],
    ['<14>1 - h a - - [a b="c', 'bad_structured_data', '[a b="c', 'a'],
    ['<14>1 - h a - - hi', 'bad_structured_data', 'hi', 'a'],
  ])('keeps what is malformed: %s', (text, problem, kept, app) => {
    expect(parse(text)).toMatchObject({ problem, text: kept, app });
  });
});

describe('RFC 3164', () => {
  it.each([
    [
      '<34>Oct 11 22:14:15 mymachine su: it failed',
      '2025-10-11T21:14:15.000Z',
      'mymachine',
      'su',
      '',
      'it failed',
    ],
    ['<34>Dec 31 23:59:59 h app[12]: x', '2025-12-31T22:59:59.000Z', 'h', 'app', '12', 'x'],
    ['<34>Jan  1 01:29:00 h app[12]: x', '2026-01-01T00:29:00.000Z', 'h', 'app', '12', 'x'],
    ['<13>Jan  1 01:00:00 root: no host', '2026-01-01T00:00:00.000Z', '', 'root', '', 'no host'],
    ['<13>Jan  1 01:00:00 10.1.2.3 no tag', '2026-01-01T00:00:00.000Z', '10.1.2.3', '', '', 'no tag'],
    ['<13>Jan  1 01:00:00 fe80::1 cron[7]: ran', '2026-01-01T00:00:00.000Z', 'fe80::1', 'cron', '7', 'ran'],
    ['<189>*Oct 11 2025 22:14:15.123 UTC: %SYS-5: up', '2025-10-11T22:14:15.123Z', '', '%SYS-5', '', 'up'],
    ['<13>2025-10-11T22:14:15.5+02:00 h app: x', '2025-10-11T20:14:15.500Z', 'h', 'app', '', 'x'],
    ['<13>2025-10-11T22:14:15 h app: x', '2025-10-11T21:14:15.000Z', 'h', 'app', '', 'x'],
    ['<13>app[1]: no time', null, '', 'app', '1', 'no time'],
    ['<13>just words', null, '', '', '', 'just words'],
    ['<13>Oct 41 22:14:15 h a: x', null, '', '', '', 'Oct 41 22:14:15 h a: x'],
  ])('%s', (line, time, ...rest) => {
    const [host, app, process, text] = rest;
    expect(parse(line)).toMatchObject({ format: 'rfc3164', time, host, app, process, text, problem: null });
  });

  it('takes a year ahead for a clock that is, over the turn of the year', () => {
    const now = Date.UTC(2025, 11, 31, 23, 59, 50);
    expect(parse('<13>Jan  1 00:00:01 h a: x', { now, offsetMinutes: 0 }).time).toBe(
      '2026-01-01T00:00:01.000Z',
    );
    expect(parse('<13>Feb 29 00:00:01 h a: x', { now: Date.UTC(2024, 2, 1), offsetMinutes: 0 }).time).toBe(
      '2024-02-29T00:00:01.000Z',
    );
  });

  it("reads this machine's zone when none is set", () => {
    const there = new Date(2025, 9, 11, 22, 14, 15).toISOString();
    expect(parse('<34>Oct 11 22:14:15 h su: x', { now: NOW, offsetMinutes: null }).time).toBe(there);
  });
});

it.each([
  ['no priority at all', 'no_priority'],
  ['<192>x', 'bad_priority'],
  ['<1234>x', 'bad_priority'],
  ['<>x', 'bad_priority'],
])('keeps %s as user.notice, all of it', (text, problem) => {
  expect(parse(text)).toMatchObject({ facility: 1, severity: 5, text, problem });
});

it('repairs what is not UTF-8, and says so', () => {
  const latin1 = Buffer.from('<13>Jan  1 01:00:00 h app: gr\xfc\xdfe', 'latin1');
  expect(parse(latin1)).toMatchObject({ app: 'app', text: 'gr\ufffd\ufffde', problem: 'not_utf8' });
});

it('never throws, and gives times that fit a line', () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '<13>',
      '1 ',
      '- ',
      '[a b="c"]',
      'Oct 11 22:14:15 ',
      'h ',
      'app[1]: ',
      '2025-10-11T22:14:15Z ',
    ),
  );
  const input = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(part, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''))),
  );
  fc.assert(
    fc.property(input, (bytes) => {
      const { time, facility, severity } = parseSyslog(bytes, LOCAL);
      expect(facility >= 0 && facility < 24 && severity >= 0 && severity < 8).toBe(true);
      if (time !== null) expect(nanosOf(time)).toBeGreaterThan(-(10n ** 18n));
    }),
  );
});
