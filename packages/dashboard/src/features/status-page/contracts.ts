import { z } from 'zod';

const source = z.union([z.object({ probe: z.string() }), z.object({ service: z.string() })]);
export type Source = z.output<typeof source>;

const component = z.object({
  /** Absent while it is not saved. */
  id: z.string().optional(),
  name: z.string(),
  of: source,
  response_time: z.boolean(),
});
export type Component = z.output<typeof component>;

const group = z.object({ name: z.string(), components: z.array(component) });
export type Group = z.output<typeof group>;

const page = z.object({
  enabled: z.boolean(),
  title: z.string(),
  description: z.string(),
  webhooks: z.boolean(),
  groups: z.array(group),
});
export type StatusPage = z.output<typeof page>;

export const pageSchema = z.object({ version: z.number(), page, url: z.string() });

export const PHASES = ['investigating', 'identified', 'monitoring', 'resolved', 'planned'] as const;
export const IMPACTS = ['minor', 'major', 'critical', 'maintenance'] as const;
const phase = z.enum(PHASES);
export type Phase = z.output<typeof phase>;
const impact = z.enum(IMPACTS);
export type Impact = z.output<typeof impact>;

export const incidentSchema = z.object({
  id: z.string(),
  title: z.string(),
  impact,
  components: z.array(z.string()),
  at: z.number(),
  updates: z.array(z.object({ at: z.number(), phase, text: z.string() })),
});
export type Incident = z.output<typeof incidentSchema>;
export const incidentsSchema = z.object({ incidents: z.array(incidentSchema) });

export const subscribersSchema = z.object({
  subscribers: z.array(
    z.object({ id: z.string(), address: z.string(), confirmed: z.boolean(), at: z.number() }),
  ),
});

/** Of probes, what a choice needs. */
export const probeNameSchema = z.object({ id: z.string(), name: z.string() });
export const probeNamesSchema = z.object({ probes: z.array(probeNameSchema) });
