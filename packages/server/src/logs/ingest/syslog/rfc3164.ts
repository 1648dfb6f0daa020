import { Buffer } from 'node:buffer';
import { type LogTime, parseTime } from '../../time.ts';
import { utcOfLocal } from '../local-time.ts';
import type { LocalTimes, SyslogParts } from './parts.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Longest header that is looked at: timestamp, host and tag. */
const HEADER = 512;
/** `Oct 11 22:14:15`, as BSD writes it; a year, a fraction and a zone as routers and newer daemons add them. */
const BSD_TIME =
  /^[*.]?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: (\d{4}))?(?: (UTC|GMT|Z))?:? /;
const ISO_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?):? /;
/** `tag[pid]:` or `tag:`. */
const TAG = /^([^\s[\]:<>"]{1,128})(?:\[([^\]\s]{0,128})\])?:(?: |$)/;
const DAY_MS = 86_400_000;

/**
 * What stands behind `<PRI>` of the older format (RFC 3164, and what its senders make of it): `Mmm dd hh:mm:ss HOST TAG[PID]: text`,
 * where time, host and tag may be missing. A missing timestamp is no fault: RFC 3164 (4.3.2) has the relay add it.
 */
export function parseRfc3164(bytes: Buffer, from: number, local: LocalTimes): SyslogParts {
  // One character a byte, so that places in the text are places in the bytes.
  const head = bytes.toString('latin1', from, Math.min(bytes.length, from + HEADER));
  const stamp = readTime(head, local);
  let at = stamp?.end ?? 0;
  let host = '';
  let tag = TAG.exec(head.slice(at));
  if (tag === null && stamp !== null) {
    const name = /^([^\s:[\]]{1,255}) /.exec(head.slice(at));
    const after = name === null ? at : at + name[0].length;
    const afterTag = TAG.exec(head.slice(after));
    // Without a tag the word may be the first of the text; a host is what a tag follows, or an address or dotted name.
    if (name !== null && (afterTag !== null || /[.]/.test(name[1] ?? ''))) {
      host = utf8(name[1]);
      at = after;
      tag = afterTag;
    }
  }
  if (tag === null && stamp !== null && host === '') {
    const address = /^([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*) /.exec(head.slice(at));
    if (address !== null) {
      host = address[1] ?? '';
      at += address[0].length;
      tag = TAG.exec(head.slice(at));
    }
  }
  if (tag !== null) at += tag[0].length;
  return {
    format: 'rfc3164',
    time: stamp?.time ?? null,
    host,
    app: utf8(tag?.[1]),
    process: utf8(tag?.[2]),
    id: '',
    data: [],
    text: bytes.subarray(from + at),
    problem: null,
  };
}

function utf8(latin1: string | undefined): string {
  return latin1 === undefined ? '' : Buffer.from(latin1, 'latin1').toString();
}

interface Stamp {
  readonly time: LogTime;
  readonly end: number;
}

function readTime(head: string, local: LocalTimes): Stamp | null {
  const bsd = BSD_TIME.exec(head);
  if (bsd !== null) {
    const time = bsdTime(bsd, local);
    return time === null ? null : { time, end: bsd[0].length };
  }
  const iso = ISO_TIME.exec(head);
  if (iso === null) return null;
  const text = (iso[1] ?? '').replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
  const hasZone = /(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  const time = parseTime(text);
  if (time === null) return null;
  return { time: hasZone ? time : { ...time, ms: time.ms - zoneMs(time.ms, local) }, end: iso[0].length };
}

function bsdTime(match: RegExpExecArray, local: LocalTimes): LogTime | null {
  const month = MONTHS.indexOf(match[1] ?? '');
  const [day = 0, hour = 0, minute = 0, second = 0] = [2, 4, 5, 6].map((i) => Number(match[i]));
  if (month < 0 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  const year = match[3] ?? match[8];
  const inUtc = match[9] !== undefined;
  const at = (y: number): number => {
    const wall = Date.UTC(y, month, day, hour, minute, second);
    return inUtc ? wall : wall - zoneMs(wall, local);
  };
  const fraction = (match[7] ?? '').padEnd(9, '0');
  const ms = year === undefined ? nearestYear(at, local.now) : at(Number(year));
  return { ms: ms + Number(fraction.slice(0, 3)), nanos: Number(fraction.slice(3)) };
}

/** The year that is not named: the one that puts the time nearest to now, as logs come when they are written. */
function nearestYear(at: (year: number) => number, now: number): number {
  const year = new Date(now).getUTCFullYear();
  // Over a turn of the year: Dec 31 is last year's in January, Jan 1 next year's for a clock that is ahead.
  const candidates = [at(year), at(year - 1), ...(at(year + 1) - now < DAY_MS ? [at(year + 1)] : [])];
  return candidates.reduce((best, ms) => (Math.abs(ms - now) < Math.abs(best - now) ? ms : best));
}

/** Milliseconds that the sender's wall clock is ahead of UTC. */
function zoneMs(wallMs: number, { offsetMinutes }: LocalTimes): number {
  if (offsetMinutes !== null) return offsetMinutes * 60_000;
  return wallMs - utcOfLocal(wallMs);
}
