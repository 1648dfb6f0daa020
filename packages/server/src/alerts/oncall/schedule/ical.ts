import type { Shift } from './shifts.ts';

/** Octets of a line, RFC 5545, section 3.1. */
const LINE_OCTETS = 75;

/** Shifts as a calendar, RFC 5545: one event for each that somebody has. Times are in UTC, which every reader turns into its own. */
export function icalendar(name: string, shifts: readonly Shift[], madeAt: number): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Pharos//On call//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escaped(`On call: ${name}`)}`,
    ...shifts.flatMap((shift) => eventLines(name, shift, madeAt)),
    'END:VCALENDAR',
  ];
  return `${lines.map(folded).join('\r\n')}\r\n`;
}

function eventLines(name: string, { from, until, turn }: Shift, madeAt: number): readonly string[] {
  if (turn === null) return [];
  const by = turn.by.kind === 'override' ? 'stands in' : `layer ${turn.by.layer}`;
  return [
    'BEGIN:VEVENT',
    `UID:${from}-${encodeURIComponent(name)}-${encodeURIComponent(turn.person)}@pharos`,
    `DTSTAMP:${time(madeAt)}`,
    `DTSTART:${time(from)}`,
    `DTEND:${time(until)}`,
    `SUMMARY:${escaped(`${turn.person} (${name})`)}`,
    `DESCRIPTION:${escaped(by)}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

/** `20260105T080000Z` */
function time(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}

function escaped(text: string): string {
  return text
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll(/\r\n|[\r\n]/g, '\\n')
    .replaceAll(/\p{Cc}/gu, '');
}

/** Longer lines go on after a line break and a space; characters stay whole. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > LINE_OCTETS) {
      parts.push(part);
      part = ' ';
      octets = 1;
    }
    part += character;
    octets += size;
  }
  return [...parts, part].join('\r\n');
}
