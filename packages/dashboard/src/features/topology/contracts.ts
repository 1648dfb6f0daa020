import { z } from 'zod';

const instant = z.string().transform((text) => Date.parse(text));

const figures = {
  calls: z.number(),
  errors: z.number(),
  /** Calls per second. */
  rate: z.number(),
  error_ratio: z.number().nullable(),
  /** Seconds, as the others below. */
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
};

export const topologySchema = z.object({
  start: instant,
  end: instant,
  nodes: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      type: z.enum(['service', 'database', 'messaging', 'external']),
      ...figures,
    }),
  ),
  edges: z.array(z.object({ source: z.string(), target: z.string(), ...figures })),
});
export type Topology = z.infer<typeof topologySchema>;
export type NodeType = Topology['nodes'][number]['type'];
export type Figures = Pick<
  Topology['edges'][number],
  'calls' | 'errors' | 'rate' | 'error_ratio' | 'p50' | 'p95' | 'p99'
>;

/** How calls went over time; a step without calls is left out. */
export const stepsSchema = z.object({
  start: instant,
  end: instant,
  step: z.number().transform((seconds) => seconds * 1000),
  points: z.array(z.object({ at: instant, ...figures })),
});
export type Steps = z.infer<typeof stepsSchema>;
