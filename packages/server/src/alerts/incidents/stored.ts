import { z } from 'zod';
import type { StateKind } from '../../journal/index.ts';
import { labelSet } from '../labels/label-set.ts';
import { INCIDENT_EVENTS, type Incident, LINKS, type Member, SEVERITIES } from './incident.ts';

const time = z.number();
const reason = z.strictObject({ link: z.enum(LINKS), text: z.string(), points: z.number() });
const member = z.strictObject({
  fingerprint: z.string(),
  labels: z.array(z.tuple([z.string(), z.string()])),
  summary: z.string(),
  severity: z.enum(SEVERITIES),
  services: z.array(z.string()),
  traces: z.array(z.string()),
  startsAt: time,
  signAt: time,
  lastBeganAt: time,
  endedAt: time.nullable(),
  times: z.number(),
  joinedAt: time,
  why: z.strictObject({ to: z.string(), reasons: z.array(reason), score: z.number() }),
  from: z.string(),
});

const incidentSchema = z.strictObject({
  id: z.string(),
  givenTitle: z.string().nullable(),
  givenSeverity: z.enum(SEVERITIES).nullable(),
  assignee: z.string(),
  openedAt: time,
  phase: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('open') }),
    z.strictObject({ kind: z.literal('resolved'), at: time, by: z.string() }),
    z.strictObject({ kind: z.literal('merged'), at: time, by: z.string(), into: z.string() }),
  ]),
  members: z.array(member),
  events: z.array(
    z.strictObject({
      at: time,
      what: z.enum(INCIDENT_EVENTS),
      by: z.string(),
      text: z.string(),
      alert: z.string(),
    }),
  ),
  notes: z.array(z.strictObject({ at: time, by: z.string(), text: z.string() })),
  apart: z.array(z.string()),
  // Of merges before it was kept nobody knows.
  shared: z.array(z.strictObject({ own: member, other: member })).default([]),
});
type StoredIncident = z.output<typeof incidentSchema>;
type StoredMember = z.output<typeof member>;

/** Incidents, also those that are over, until their retention is; by id. */
export const incidentKind: StateKind<StoredIncident> = {
  name: 'alerts.incident',
  version: 1,
  schema: incidentSchema,
};

const counterSchema = z.strictObject({ next: z.number().int() });

/** The number of the next incident, so that none is given twice when the last one was forgotten. */
export const counterKind: StateKind<z.output<typeof counterSchema>> = {
  name: 'alerts.incident_counter',
  version: 1,
  schema: counterSchema,
};

const crowdSchema = z.strictObject({ fingerprints: z.array(z.string()) });

/**
 * The alerts that an incident only counts, of those that somebody resolved while they fired; by its id and a number. Those of an open one
 * find it again after a start by what ties them to it.
 */
export const crowdKind: StateKind<z.output<typeof crowdSchema>> = {
  name: 'alerts.incident_crowd',
  version: 1,
  schema: crowdSchema,
};

export function storedIncident(incident: Incident): StoredIncident {
  return {
    ...incident,
    members: incident.members.map(storedMember),
    events: [...incident.events],
    notes: [...incident.notes],
    apart: [...incident.apart],
    shared: incident.shared.map(({ own, other }) => ({ own: storedMember(own), other: storedMember(other) })),
  };
}

function storedMember(one: Member): StoredMember {
  return {
    ...one,
    labels: [...one.labels],
    services: [...one.services],
    traces: [...one.traces],
    why: { ...one.why, reasons: [...one.why.reasons] },
  };
}

export function incidentOf(stored: StoredIncident): Incident {
  return {
    ...stored,
    members: stored.members.map(memberOf),
    shared: stored.shared.map(({ own, other }) => ({ own: memberOf(own), other: memberOf(other) })),
  };
}

function memberOf(stored: StoredMember): Member {
  return { ...stored, labels: labelSet(stored.labels) };
}
