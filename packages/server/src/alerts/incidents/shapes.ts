import { z } from 'zod';
import type { Account } from './account.ts';
import type { IncidentBook } from './book.ts';
import {
  aboutOf,
  cameFrom,
  endOf,
  INCIDENT_EVENTS,
  type Incident,
  isFiring,
  LINKS,
  type Member,
  quietSince,
  SEVERITIES,
  servicesOf,
  severityOf,
  startOf,
  titleOf,
} from './incident.ts';
import { TIMELINE_KINDS } from './timeline.ts';

export const STATES = ['open', 'resolved', 'merged'] as const;
const time = z.number().describe('Epoch ms.');

const summaryFields = {
  id: z.string().describe('A number that rises.'),
  state: z.enum(STATES),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  assignee: z.string().describe('Empty for nobody.'),
  started_at: time.describe('The first sign of it, epoch ms.'),
  opened_at: time,
  ended_at: time.nullable().describe('Epoch ms; null while it is open.'),
  ended_by: z.string().describe('Who resolved or merged it; empty for Pharos itself.'),
  merged_into: z.string().nullable(),
  quiet_since: time.nullable().describe('Epoch ms: when its last alert ended; null while one fires.'),
  services: z.array(z.string()).describe('In the order in which they were hit.'),
  alerts: z.number().describe('All that were part of it.'),
  firing: z.number(),
  notes: z.number(),
};

export const summaryShape = z.object(summaryFields);

const memberShape = z.object({
  fingerprint: z.string(),
  labels: z.record(z.string(), z.string()),
  summary: z.string(),
  severity: z.enum(SEVERITIES),
  services: z.array(z.string()),
  about: z.string().describe('The service, else the thing, that it is about; empty where it names none.'),
  sign_at: time.describe('Since when its condition held, epoch ms.'),
  starts_at: time,
  ended_at: time.nullable().describe('Epoch ms; null while it fires.'),
  times: z.number().describe('How often it fired.'),
  joined_at: time,
  merged_from: z.string().nullable().describe('The incident that it came from.'),
  why: z
    .object({
      to: z.string().describe('Fingerprint of the alert that it was tied to; empty for the first.'),
      score: z.number().describe('50 and more belong together.'),
      reasons: z.array(z.object({ link: z.enum(LINKS), text: z.string(), points: z.number() })),
    })
    .describe('Why it belongs to the incident, as of when it joined.'),
});

export const incidentShape = z.object({
  ...summaryFields,
  given_title: z.string().nullable().describe('As somebody named it; null while it follows from its alerts.'),
  given_severity: z.enum(SEVERITIES).nullable(),
  beyond: z.number().describe('Alerts that belong to it beyond those that are listed.'),
  apart: z.array(z.string()).describe('Incidents that people took it apart from.'),
  merged: z.array(z.string()).describe('Incidents that became part of it, and can be taken out again.'),
  members: z.array(memberShape),
  note_list: z.array(z.object({ at: time, by: z.string(), text: z.string() })),
});

export const accountShape = z.object({
  incident: incidentShape,
  neighbours: z.array(z.string()).describe('Who calls the services of it, or is called by them.'),
  timeline: z.array(
    z.object({
      at: time,
      kind: z.enum(TIMELINE_KINDS),
      what: z
        .enum(INCIDENT_EVENTS)
        .nullable()
        .describe(
          'What became of the alert (kind alert: opened, which is that it fired, joined, again, ended) or of the incident (kind incident); null for all else.',
        ),
      text: z.string(),
      service: z.string(),
      by: z.string(),
      of: z.string().describe('The alert (fingerprint) or error group (id) that it leads to.'),
    }),
  ),
  warnings: z.array(z.string()).describe('What could not be read.'),
});

export function summaryJson(incident: Incident): z.output<typeof summaryShape> {
  const { id, phase, members, assignee, openedAt, notes } = incident;
  return {
    id,
    state: phase.kind,
    title: titleOf(incident),
    severity: severityOf(incident),
    assignee,
    started_at: startOf(incident),
    opened_at: openedAt,
    ended_at: endOf(incident),
    ended_by: phase.kind === 'open' ? '' : phase.by,
    merged_into: phase.kind === 'merged' ? phase.into : null,
    quiet_since: members.length === 0 ? null : quietSince(incident),
    services: [...servicesOf(incident)],
    alerts: members.length,
    firing: members.filter(isFiring).length,
    notes: notes.length,
  };
}

export function incidentJson(incident: Incident, book: IncidentBook): z.output<typeof incidentShape> {
  const { id, givenTitle, givenSeverity, apart, members, notes } = incident;
  return {
    ...summaryJson(incident),
    given_title: givenTitle,
    given_severity: givenSeverity,
    beyond: book.beyond(id),
    apart: [...apart],
    merged: [...new Set(members.map(cameFrom))].filter((from) => from !== ''),
    members: members.map(memberJson),
    note_list: [...notes],
  };
}

function memberJson(member: Member): z.output<typeof memberShape> {
  const { why } = member;
  return {
    fingerprint: member.fingerprint,
    labels: Object.fromEntries(member.labels),
    summary: member.summary,
    severity: member.severity,
    services: [...member.services],
    about: aboutOf(member) ?? '',
    sign_at: member.signAt,
    starts_at: member.startsAt,
    ended_at: member.endedAt,
    times: member.times,
    joined_at: member.joinedAt,
    merged_from: cameFrom(member) || null,
    why: { ...why, reasons: [...why.reasons] },
  };
}

export function accountJson(
  incident: Incident,
  book: IncidentBook,
  { entries, neighbours, warnings }: Account,
): z.output<typeof accountShape> {
  return {
    incident: incidentJson(incident, book),
    neighbours: [...neighbours],
    timeline: [...entries],
    warnings: [...warnings],
  };
}
