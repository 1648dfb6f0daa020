import { z } from 'zod';

export const INCIDENT_STATES = ['open', 'resolved', 'merged'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];
export const SEVERITIES = ['critical', 'high', 'warning', 'info'] as const;

/** Times in epoch ms. */
const summary = z.object({
  id: z.string(),
  state: z.enum(INCIDENT_STATES),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  assignee: z.string(),
  started_at: z.number(),
  opened_at: z.number(),
  ended_at: z.number().nullable(),
  ended_by: z.string(),
  merged_into: z.string().nullable(),
  quiet_since: z.number().nullable(),
  services: z.array(z.string()),
  alerts: z.number(),
  firing: z.number(),
  notes: z.number(),
});
export type IncidentSummary = z.infer<typeof summary>;

/** Of `GET /api/v1/incidents`. */
export const listSchema = z.object({
  at: z.number(),
  total: z.number(),
  open: z.number(),
  people: z.array(z.string()),
  incidents: z.array(summary),
});
export type IncidentAnswer = z.infer<typeof listSchema>;

const member = z.object({
  fingerprint: z.string(),
  labels: z.record(z.string(), z.string()),
  summary: z.string(),
  severity: z.enum(SEVERITIES),
  services: z.array(z.string()),
  about: z.string(),
  sign_at: z.number(),
  starts_at: z.number(),
  ended_at: z.number().nullable(),
  times: z.number(),
  joined_at: z.number(),
  merged_from: z.string().nullable(),
  why: z.object({
    to: z.string(),
    score: z.number(),
    reasons: z.array(z.object({ link: z.string(), text: z.string(), points: z.number() })),
  }),
});
export type Member = z.infer<typeof member>;

export const incidentSchema = summary.extend({
  given_title: z.string().nullable(),
  given_severity: z.enum(SEVERITIES).nullable(),
  beyond: z.number(),
  apart: z.array(z.string()),
  merged: z.array(z.string()),
  members: z.array(member),
  note_list: z.array(z.object({ at: z.number(), by: z.string(), text: z.string() })),
});
export type AlertIncident = z.infer<typeof incidentSchema>;

const entry = z.object({
  at: z.number(),
  kind: z.string(),
  what: z.string().nullable(),
  text: z.string(),
  service: z.string(),
  by: z.string(),
  of: z.string(),
});
export type TimelineEntry = z.infer<typeof entry>;

/** Of `GET /api/v1/incidents/{id}`. */
export const accountSchema = z.object({
  incident: incidentSchema,
  neighbours: z.array(z.string()),
  timeline: z.array(entry),
  warnings: z.array(z.string()),
});

const suspect = z.object({
  rank: z.number(),
  name: z.string(),
  service: z.string(),
  score: z.number(),
  reason: z.object({ text: z.string() }),
  evidence: z.array(z.object({ id: z.string(), message: z.string() })),
  actions: z.array(z.string()),
});
export type Suspect = z.infer<typeof suspect>;

/** Of `GET /api/v1/incidents/{id}/root_cause`, as far as it is shown. */
export const causeSchema = z.object({
  suspects: z.array(suspect),
  no_suspect: z.string(),
  others: z.array(suspect),
});
