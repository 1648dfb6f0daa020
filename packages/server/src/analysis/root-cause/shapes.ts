import { z } from 'zod';
import { EVIDENCE_KINDS } from './suspect.ts';
import { TIES } from './suspicion.ts';

const status = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);
const time = z.string().nullable();

const suspect = z.object({
  rank: z.number().describe('Its place in the answer, from 1.'),
  kind: z.enum(['service', 'endpoint', 'dependency', 'change']),
  name: z.string(),
  service: z.string().describe('The service it is or belongs to; empty for none that is known.'),
  score: z.number().describe('0..1; docs/analysis.md says how it is made.'),
  since: time,
  affected: z.array(z.string()).describe('Services that suffer from it.'),
  evidence: z
    .array(
      z.object({
        id: z.string().describe('For whoever cites it; the same within one answer.'),
        kind: z.enum(EVIDENCE_KINDS),
        service: z.string(),
        at: time,
        weight: z.number(),
        message: z.string(),
        link: z.string(),
      }),
    )
    .describe('Of a change the change itself first; then the weightiest.'),
  actions: z.array(z.string()).describe('What to do, in the order of the evidence that asks for it.'),
});

const method = z.enum(['statistical']).describe('The ranking is counted from evidence; no model is asked.');

export const rootCauseAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  method,
  confidence: z
    .number()
    .nullable()
    .describe('How sure the first suspect is the cause, 0..1; null where nothing is wrong.'),
  services: z.array(
    z.object({
      name: z.string(),
      status,
      since: time,
      caused_by: z.array(z.string()),
      suspect: z.number().nullable().describe('Rank of the suspect that it is; null for none.'),
    }),
  ),
  suspects: z.array(suspect).describe('The likeliest first; empty when nothing is wrong.'),
  timeline: z
    .array(
      z.object({
        at: z.string(),
        kind: z.enum(['state', 'breaker', 'error', 'deviation', 'deployment']),
        service: z.string(),
        message: z.string(),
      }),
    )
    .describe('What happened, the oldest first.'),
  explanation: z.object({
    by: z.enum(['statistics', 'model']),
    model: z.string().nullable(),
    analysis: z.string(),
    severity: z.enum(['NORMAL', 'WARNING', 'CRITICAL']),
    key_findings: z.array(z.string()),
    recommendations: z.array(z.string()),
    confidence: z.number(),
  }),
  warnings: z.array(z.string()),
});

const suspected = suspect.extend({
  reason: z.object({
    tie: z
      .enum(TIES)
      .describe(
        'named: alerts are about it; suffers: they are about what suffers from it; in_time: they name no service, and it did not begin after them; elsewhere and later: why it is not the cause.',
      ),
    text: z.string(),
  }),
});

export const incidentCauseAnswer = z.object({
  timestamp: z.string().describe('Until when it was looked at.'),
  window: z.string().describe('How far back from then: from shortly before the incident.'),
  method,
  confidence: z
    .number()
    .nullable()
    .describe('How sure the first suspect is the cause, 0..1; null without one.'),
  suspects: z.array(suspected).describe('What may be its cause, the likeliest first. Nobody confirmed it.'),
  no_suspect: z.string().describe('Why there is none, as a sentence; empty where there is one.'),
  others: z.array(suspected).describe('What was not well at that time too without being its cause.'),
  warnings: z.array(z.string()).describe('What could not be read.'),
});
