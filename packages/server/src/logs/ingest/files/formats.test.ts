import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanosOf } from '../../time.ts';
import { FILE_FORMATS, type FileFormat } from './config.ts';
import { LINE_FORMATS } from './formats.ts';

const HOUR = 3_600_000;

function read(format: FileFormat, line: string | Uint8Array) {
  const { time, text, ...rest } = LINE_FORMATS[format](Buffer.from(line), (wall) => wall - HOUR);
  return { ...rest, text: text.toString(), time: time === null ? null : nanosOf(time) };
}

const T = 1_700_000_000_123_456_789n;

describe('plain lines', () => {
  it.each([
    ['2023-11-14T22:13:20.123456789Z hello', T],
    ['[2023-11-14T23:13:20.123456789+0100] hello', T],
    ['2023-11-14 22:13:20,123456789 UTC hello', T],
    ['2023-11-14 23:13:20.123456789 hello', T],
    ['2023-11-14 23:13:20', T - 123_456_789n],
    ['2023-13-14T22:13:20Z hello', null],
    ['2023-11-14T22:13:20Zulu', null],
    ['hello', null],
    ['', null],
  ])('%s', (line, time) => {
    expect(read('plain', line)).toMatchObject({ time, text: line, partial: false, malformed: false });
  });
});

describe('containers', () => {
  it.each([
    ['2023-11-14T22:13:20.123456789Z stdout F hello  world', 'stdout', 'hello  world', false],
    ['2023-11-14T23:13:20.123456789+01:00 stderr P:tag part', 'stderr', 'part', true],
    ['2023-11-14T22:13:20.123456789Z stdout F', 'stdout', '', false],
    ['2023-11-14T22:13:20.123456789Z stdout F ', 'stdout', '', false],
  ])('CRI: %s', (line, output, text, partial) => {
    expect(read('cri', line)).toEqual({
      output,
      text,
      partial,
      time: T,
      metadata: ['stream', output],
      malformed: false,
    });
  });

  it.each([
    [
      '{"log":"hello \\"x\\"\\n","stream":"stdout","time":"2023-11-14T22:13:20.123456789Z"}',
      'hello "x"',
      false,
    ],
    [
      '{"log":"h\\r\\n","attrs":{"a":"b"},"stream":"stdout","time":"2023-11-14T22:13:20.123456789Z"}',
      'h',
      false,
    ],
    ['{"log":"part","stream":"stdout","time":"2023-11-14T22:13:20.123456789Z"}', 'part', true],
  ])('Docker: %s', (line, text, partial) => {
    expect(read('docker', line)).toMatchObject({
      output: 'stdout',
      text,
      partial,
      time: T,
      malformed: false,
    });
  });
});

it('Docker: outputs beyond its two are one, and are told as they are called', () => {
  const line = (stream: string) =>
    read('docker', `{"log":"x\\n","stream":"${stream}","time":"2023-11-14T22:13:20.123456789Z"}`);
  expect(line('stderr')).toMatchObject({ output: 'stderr', metadata: ['stream', 'stderr'] });
  expect(line('s17')).toMatchObject({ output: '', metadata: ['stream', 's17'], text: 'x' });
  expect(line('')).toMatchObject({ output: '', metadata: [] });
});

it('JSON lines are what POST /api/logs takes', () => {
  expect(read('json', '{"time":"2023-11-14T22:13:20.123456789Z","msg":"hi","a":{"b":1}}')).toMatchObject({
    time: T,
    text: 'hi',
    metadata: ['a_b', '1'],
  });
  expect(read('json', '{"a":1}')).toMatchObject({ text: '{"a":1}', metadata: ['a', '1'] });
});

it.each(['cri', 'docker', 'json'] as const)('%s keeps what is malformed, whatever it is', (format) => {
  for (const line of ['', 'x', '{', '{"log":1}', '[]', '{"log":"a\\n"}', '2023 stdout F x'])
    if (!(format === 'json' && line.startsWith('{"log":')))
      expect(read(format, line)).toMatchObject({ text: line, malformed: true, time: null });
});

it('no format ever throws', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FILE_FORMATS),
      fc.oneof(fc.uint8Array(), fc.string(), fc.json()),
      (format, line) => {
        read(format, line);
      },
    ),
  );
});
