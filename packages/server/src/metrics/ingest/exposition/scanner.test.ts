import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTRY, type ExpositionFormat, ExpositionScanner } from './scanner.ts';
import { decodeSeries } from './series.ts';

/** What a body holds, as short lines; parsing stops at the first problem unless told to go on. */
function scan(text: string | Uint8Array, format: ExpositionFormat = 'text', goOn = false): string[] {
  const body = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  const bytes = new Uint8Array(body.length + 1);
  bytes.set(body);
  const scanner = new ExpositionScanner(format);
  scanner.reset(bytes, body.length);
  const found: string[] = [];
  for (;;) {
    const entry = scanner.next();
    if (entry === ENTRY.end) return found;
    if (entry === ENTRY.sample) found.push(sampleLine(scanner));
    else if (entry === ENTRY.metadata) found.push(metadataLine(scanner));
    else {
      const { line, reason, message } = scanner.problem();
      found.push(`${line} ${reason}: ${message}`);
      if (!goOn) return found;
      scanner.skipLine();
    }
    if (found.length > 10_000) throw new Error('the scanner does not end');
  }
}

function sampleLine(scanner: ExpositionScanner): string {
  const pairs = decodeSeries(scanner.bytes, scanner.seriesStart, scanner.seriesEnd);
  const time = scanner.hasTimestamp ? ` @${scanner.timestamp}` : '';
  const exemplar =
    scanner.exemplarStart < 0
      ? ''
      : ` # ${JSON.stringify(decodeSeries(scanner.bytes, scanner.exemplarStart, scanner.exemplarEnd))} ${scanner.exemplarValue} ${scanner.exemplarTimestamp}`;
  return `${pairs === null ? 'not utf-8' : pairs.join('|')} = ${scanner.value}${time}${exemplar}`;
}

function metadataLine(scanner: ExpositionScanner): string {
  const line = scanner.metadata();
  return typeof line === 'string' ? `bad: ${line}` : `${line.kind} ${line.metric} ${line.type} ${line.text}`;
}

describe('Prometheus text', () => {
  it.each([
    ['a 1\n', ['__name__|a = 1']],
    ['a 1', ['__name__|a = 1']],
    ['\n\n  a 1\n\t\n', ['__name__|a = 1']],
    ['a{} 1\n', ['__name__|a = 1']],
    ['a:b_c9{x="1",} 2 3\n', ['__name__|a:b_c9|x|1 = 2 @3']],
    ['a { x = "1" , y="2" }\t-2.5e3   -7 \n', ['__name__|a|x|1|y|2 = -2500 @-7']],
    ['a{x="1"}4\n', ['__name__|a|x|1 = 4']],
    ['a{x="q\\"b\\\\s\\nn\\t}{,="} NaN\n', ['__name__|a|x|q"b\\s\nn\\t}{,= = NaN']],
    ['{"a b.c",x="1","y.z"="2"} +Inf\n', ['__name__|a b.c|x|1|y.z|2 = Infinity']],
    ['{x="1","a"} -Inf\n', ['x|1|__name__|a = -Infinity']],
    ['a{x=""} 0x1p2\n', ['1 value: expected a number after the series']],
    ['# just a comment\n#\n#HELP a b\na 1\n', ['__name__|a = 1']],
    ['# HELP a b \\\\ c\\nd "e\n# TYPE a counter\n', ['help a unknown b \\ c\nd "e', 'type a counter ']],
    ['# HELP a\n# TYPE a untyped\n', ['help a unknown ', 'type a unknown ']],
    ['# TYPE a gaugehistogram\n', ['bad: invalid metric type "gaugehistogram"']],
    ['# TYPE "a.b" histogram\n', ['type a.b histogram ']],
    ['a 1\nb\n', ['__name__|a = 1', '2 value: expected a number after the series']],
    ['a{x="1} 1\nb 2\n', ['1 labels: a quoted string has no end on its line']],
    ['a{x="1" y="2"z="3"} 1\n', ['__name__|a|x|1|y|2|z|3 = 1']],
    ['a{x="1" 2} 1\n', ['1 labels: expected a label name']],
    ['a{"b"} 1\n', ['1 labels: a metric name is already set before the quoted one']],
    ['{x="1"} 1\n', ['1 name: the label set has no quoted metric name']],
    ['1a 1\n', ['1 line: expected a metric name or a comment']],
    ['a 1 2 3\n', ['1 timestamp: expected the end of the line']],
    ['a 1 2.5\n', ['1 timestamp: expected the end of the line']],
    ['a 1e999\n', ['1 value: expected a number after the series']],
    ['a 1_000\n', ['1 value: expected a number after the series']],
    ['a\u00001 1\n', ['1 value: expected a number after the series']],
    ['a 1\r\n', ['1 value: expected a number after the series']],
    ['a{__proto__="x"} 1\n', ['__name__|a|__proto__|x = 1']],
    ['a{x="\u0000"} 1\n', ['__name__|a|x|\u0000 = 1']],
    ['a{x="ü€😀"} 1\n', ['__name__|a|x|ü€😀 = 1']],
  ])('%j', (text, expected) => {
    expect(scan(text)).toEqual(expected);
  });

  it('keeps the valid rest when asked to', () => {
    expect(scan('a 1\nb{\nc 3\n}\n# TYPE x y\nd 4', 'text', true)).toEqual([
      '__name__|a = 1',
      '2 labels: expected a label name',
      '__name__|c = 3',
      '4 line: expected a metric name or a comment',
      'bad: invalid metric type "y"',
      '__name__|d = 4',
    ]);
  });

  it('refuses a series text beyond 64 KiB', () => {
    expect(scan(`a{x="${'y'.repeat(1_100_000)}"} 1\n`)[0]).toMatch(/^1 too_long/);
  });

  it('answers null for labels that are not UTF-8', () => {
    expect(scan(Buffer.from([...Buffer.from('a{x="'), 0xff, 0xfe, ...Buffer.from('"} 1\n')]))).toEqual([
      'not utf-8 = 1',
    ]);
  });
});

describe('OpenMetrics', () => {
  it.each([
    ['a 1\n# EOF\n', ['__name__|a = 1']],
    ['a 1\n# EOF', ['__name__|a = 1']],
    ['# EOF', []],
    ['a 1\n', ['__name__|a = 1', '2 eof: data does not end with # EOF']],
    ['', ['1 eof: data does not end with # EOF']],
    ['# EOF\na 1\n', ['1 eof: unexpected data after # EOF']],
    ['a  1\n# EOF\n', ['1 value: expected a number after the series']],
    ['a\t1\n# EOF\n', ['1 value: expected one space before the value']],
    ['a{x="1"y="2"} 1\n# EOF\n', ['1 labels: expected "," or "}" after a label']],
    ['a{x="1", y="2"} 1\n# EOF\n', ['1 labels: expected a label name']],
    ['\n# EOF\n', ['1 line: expected a metric name or a comment']],
    ['# a comment\n# EOF\n', ['1 metadata: expected HELP, TYPE, UNIT or EOF after "#"']],
    ['a 1 1.5\n# EOF\n', ['__name__|a = 1 @1500']],
    [
      '# TYPE a_seconds gaugehistogram\n# UNIT a_seconds seconds\n# HELP a_seconds x\\"y\n# EOF\n',
      ['type a_seconds gaugehistogram ', 'unit a_seconds unknown seconds', 'help a_seconds unknown x"y'],
    ],
    ['# UNIT a seconds\n# EOF\n', ['bad: the unit "seconds" is not a suffix of the metric']],
    ['a_created 1520430000.123\n# EOF\n', ['__name__|a_created = 1520430000.123']],
    [
      'a_bucket{le="1"} 2 1 # {trace_id="x"} 0.5 1.25\n# EOF\n',
      ['__name__|a_bucket|le|1 = 2 @1000 # ["trace_id","x"] 0.5 1250'],
    ],
    ['a_bucket{le="1"} 2 # {} 0.5\n# EOF\n', ['__name__|a_bucket|le|1 = 2 # [] 0.5 NaN']],
    [
      'a 2 # {"x"} 0.5\n# EOF\n',
      ['1 exemplar: in the exemplar: a metric name is already set before the quoted one'],
    ],
    ['a 2 # {x="1"}\n# EOF\n', ['1 exemplar: expected a value after the exemplar labels']],
    ['a 2 # {x="1"} 1 NaN\n# EOF\n', ['1 exemplar: expected an exemplar timestamp in seconds']],
    ['a 2 Inf\n# EOF\n', ['1 timestamp: expected a timestamp in seconds']],
  ])('%j', (text, expected) => {
    expect(scan(text, 'openmetrics')).toEqual(expected);
  });
});

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/);
const labelName = fc.oneof(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/), fc.constant('__proto__'));
const labelValue = fc.string({ unit: 'grapheme', maxLength: 12 });
const sample = fc.record({
  name,
  labels: fc.array(fc.tuple(labelName, labelValue), { maxLength: 4 }),
  value: fc.double(),
  timestamp: fc.option(fc.integer({ min: -1e15, max: 1e15 })),
});

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

describe('properties', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 6 }), (samples) => {
        const text = samples
          .map(({ name, labels, value, timestamp }) => {
            const inner = labels.map(([label, v]) => `${label}="${escaped(v)}"`).join(',');
            return `${name}{${inner}} ${value}${timestamp === null ? '' : ` ${timestamp}`}\n`;
          })
          .join('');
        const expected = samples.map(
          ({ name, labels, value, timestamp }) =>
            `${['__name__', name, ...labels.flat()].join('|')} = ${value}${timestamp === null ? '' : ` @${timestamp}`}`,
        );
        expect(scan(text)).toEqual(expected);
      }),
    );
  });

  const fragments = fc.constantFrom(
    ...'a|{|}|"|=|,| |\n|#|\\|1|.|e|-|+|\u0000|\t|é|NaN|Inf|# TYPE a |# HELP a |# EOF|counter|__proto__| # {|x="y"|{"q"}|9e9'.split(
      '|',
    ),
  );
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(fragments, { maxLength: 60 }).map((parts) => new Uint8Array(Buffer.from(parts.join('')))),
  );

  it('ends on any bytes, in both formats, stopping or going on', () => {
    fc.assert(
      fc.property(garbage, fc.constantFrom<ExpositionFormat>('text', 'openmetrics'), (bytes, format) => {
        const first = scan(bytes, format);
        const all = scan(bytes, format, true);
        expect(all.slice(0, first.length)).toEqual(first);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds the same with right, wrong and no expectations', () => {
    fc.assert(
      fc.property(fc.array(garbage, { maxLength: 5 }), fc.array(fc.boolean()), (lines, guesses) => {
        const body = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
        const plain = scan(body, 'text', true);
        expect(scanGuessing(body, guesses)).toEqual(plain);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Scans twice: the second time expecting the series and lines of the first, sometimes the wrong ones. */
function scanGuessing(body: Uint8Array, guesses: readonly boolean[]): string[] {
  const bytes = new Uint8Array(body.length + 1);
  bytes.set(body);
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const scanner = new ExpositionScanner('text');
  const series: [number, number][] = [];
  const lines: [number, number][] = [];
  let found: string[] = [];
  for (const round of [0, 1]) {
    scanner.reset(bytes, body.length);
    found = [];
    for (let i = 0; ; i++) {
      const guess = series[guesses[i] === true ? i + 1 : found.filter((line) => / = /.test(line)).length];
      if (round === 1 && guess !== undefined) scanner.expect(view, guess[0], guess[1] - guess[0]);
      const line =
        lines[guesses[i] === true ? i : found.filter((one) => /^(bad:|type |help |unit )/.test(one)).length];
      if (round === 1 && line !== undefined) scanner.expectLine(view, line[0], line[1] - line[0]);
      const entry = scanner.next();
      if (entry === ENTRY.end) break;
      if (entry === ENTRY.sample) {
        found.push(sampleLine(scanner));
        if (round === 0) series.push([scanner.seriesStart, scanner.seriesEnd]);
      } else if (entry === ENTRY.metadata) {
        found.push(metadataLine(scanner));
        if (round === 0) lines.push([scanner.metaStart, scanner.metaEnd]);
      } else {
        const { line, reason, message } = scanner.problem();
        found.push(`${line} ${reason}: ${message}`);
        scanner.skipLine();
      }
    }
  }
  return found;
}
