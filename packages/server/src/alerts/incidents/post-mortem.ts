import type { IncidentCause } from '../../analysis/index.ts';
import { iso } from '../../http/times.ts';
import { span } from './correlation.ts';
import {
  endOf,
  type Incident,
  isFiring,
  type Member,
  nameOf,
  servicesOf,
  severityOf,
  startOf,
  titleOf,
} from './incident.ts';
import type { TimelineEntry } from './timeline.ts';

interface PostMortemParts {
  readonly entries: readonly TimelineEntry[];
  /** Null where it could not be read. */
  readonly suspected: IncidentCause | null;
  /** What could not be read. */
  readonly warnings: readonly string[];
  readonly url: string;
  readonly now: number;
}

/** An incident as a document that people go on writing: facts filled in, questions open. Markdown. */
export function postMortem(incident: Incident, parts: PostMortemParts): string {
  const { entries, suspected, url, now } = parts;
  const warnings = [...new Set([...parts.warnings, ...(suspected?.warnings ?? [])])];
  const end = endOf(incident);
  const start = startOf(incident);
  const services = servicesOf(incident);
  const acknowledged = entries.find(({ kind }) => kind === 'acknowledgement');
  const facts: readonly (readonly [string, string])[] = [
    ['Status', statusOf(incident)],
    ['Severity', severityOf(incident)],
    ['First sign', iso(start)],
    [
      'Detected',
      `${iso(incident.openedAt)} (${span(Math.max(0, incident.openedAt - start))} after the first sign)`,
    ],
    ['Acknowledged', acknowledged === undefined ? 'nobody did' : `${iso(acknowledged.at)}`],
    ['Over', end === null ? 'not yet' : iso(end)],
    ['Lasted', end === null ? `${span(now - start)} so far` : span(end - start)],
    ['Services', services.length === 0 ? 'none named' : services.join(', ')],
    ['Led by', incident.assignee === '' ? 'nobody' : incident.assignee],
    ['Incident', url],
  ];
  return [
    `# Post-mortem: ${line(titleOf(incident))} (#${incident.id})`,
    '',
    '| | |',
    '|---|---|',
    ...facts.map(([name, value]) => `| ${name} | ${cell(value)} |`),
    '',
    ...section('Summary', '_What happened, in two sentences for somebody who was not there._'),
    ...section('Impact', '_Who could not do what, how many, for how long._'),
    ...causeSection(suspected),
    '## Timeline (UTC)',
    '',
    '| When | What | |',
    '|---|---|---|',
    ...entries.map(
      ({ at, kind, text, by }) => `| ${iso(at)} | ${kind} | ${cell(by === '' ? text : `${text} (${by})`)} |`,
    ),
    '',
    ...(warnings.length === 0 ? [] : ['Not complete:', '', ...warnings.map((one) => `- ${line(one)}`), '']),
    '## Alerts',
    '',
    '| Alert | Severity | Fired | Ended | Times | Why it belongs |',
    '|---|---|---|---|---|---|',
    ...incident.members.map(memberRow),
    '',
    '## Notes',
    '',
    ...(incident.notes.length === 0 ? ['None were written.'] : []),
    ...incident.notes.map(({ at, by, text }) => `- ${iso(at)}, ${line(by)}: ${line(text)}`),
    '',
    ...section('What went well', '-'),
    ...section('What went badly', '-'),
    '## What we change',
    '',
    '| What | Who | Until |',
    '|---|---|---|',
    '| | | |',
    '',
  ].join('\n');
}

function section(title: string, body: string): readonly string[] {
  return [`## ${title}`, '', body, ''];
}

const MOST_SUSPECTS = 5;
const MOST_EVIDENCE = 3;
const MOST_OTHERS = 10;

function causeSection(suspected: IncidentCause | null): readonly string[] {
  const open = section('Root cause', '_What it was, and why it could happen._');
  if (suspected === null) return [...open, 'What is suspected could not be read.', ''];
  const { suspects, no_suspect: none, others } = suspected;
  return [
    ...open,
    ...(suspects.length === 0
      ? [line(none), '']
      : ['Suspects, counted from evidence; nobody confirmed them:', '']),
    ...suspects.slice(0, MOST_SUSPECTS).flatMap(suspectLines),
    ...(suspects.length === 0 ? [] : ['']),
    ...(others.length === 0 ? [] : ['What else there was:', '', ...otherLines(others), '']),
  ];
}

function suspectLines({
  rank,
  kind,
  name,
  service,
  score,
  reason,
  evidence,
  actions: [next],
}: IncidentCause['suspects'][number]): readonly string[] {
  const of = kind === 'service' || service === '' ? '' : ` of ${service}`;
  const said = evidence.slice(0, MOST_EVIDENCE).map(({ message }) => message);
  return [
    `${rank}. **${line(name)}** (${line(`${kind}${of}, score ${score.toFixed(2)}: ${reason.text}`)})`,
    ...[...said, ...(next === undefined ? [] : [`Next: ${next}`])].map((text) => `   - ${line(text)}`),
  ];
}

function otherLines(others: IncidentCause['others']): readonly string[] {
  const reasons = new Map(
    others.map(({ name, service, reason }) => [service === '' ? name : service, reason]),
  );
  const beyond = reasons.size - MOST_OTHERS;
  return [
    ...[...reasons].slice(0, MOST_OTHERS).map(([name, { text }]) => `- ${line(`${name}: ${text}`)}`),
    ...(beyond > 0 ? [`- and ${beyond} more`] : []),
  ];
}

function statusOf({ phase, members }: Incident): string {
  if (phase.kind === 'open') return 'open';
  if (phase.kind === 'merged') return `merged into #${phase.into}`;
  const firing = members.filter(isFiring).length;
  const by = phase.by === '' ? 'by itself: its alerts had ended' : `by ${phase.by}`;
  return `resolved ${by}${firing === 0 ? '' : `; ${firing} of its alerts still fire`}`;
}

function memberRow(member: Member): string {
  const { severity, startsAt, endedAt, times, why } = member;
  const reasons = why.reasons.map(({ text }) => text).join('; ');
  const cells = [
    nameOf(member),
    severity,
    iso(startsAt),
    endedAt === null ? 'fires' : iso(endedAt),
    String(times),
    reasons,
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** Text of others as one line of Markdown that means nothing but itself, to terminals and to eyes neither. */
function line(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[\\`*_[\]<>#|~]/g, '\\$&')
    .trim();
}

function cell(text: string): string {
  return line(text);
}
