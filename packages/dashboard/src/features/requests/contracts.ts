import { z } from 'zod';

const nanos = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform((text) => Number(BigInt(text) / 1_000_000n));

/** Of `GET /api/v1/traces`: what a list shows of a trace. */
export const tracesSchema = z.object({
  traces: z.array(
    z.object({
      trace_id: z.string(),
      root_service: z.string(),
      root_operation: z.string(),
      /** Epoch ms, as of the lines. */
      start_ns: nanos,
      duration_ns: z.number(),
      errors: z.number(),
      services: z.array(z.object({ service: z.string() })),
    }),
  ),
});
export type RequestTrace = z.infer<typeof tracesSchema>['traces'][number];

/** Of `GET /api/logs`. */
export const linesSchema = z.object({
  next: z.string().nullable(),
  logs: z.array(
    z.object({
      time_ns: nanos,
      service: z.string(),
      level: z.string(),
      message: z.string(),
      trace_id: z.string(),
    }),
  ),
});
export type RequestLine = z.infer<typeof linesSchema>['logs'][number];
