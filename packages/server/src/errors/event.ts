import { z } from 'zod';
import { ERROR_TYPES, SEVERITIES } from './kinds.ts';

/** Which door an error came by. */
const ORIGINS = ['sdk', 'sentry', 'json', 'span', 'log'] as const;

const frame = z.object({
  /** As the program says it; empty for none. */
  function: z.string(),
  /** Path or URL; empty for none. */
  file: z.string(),
  /** From 1; 0 for unknown. */
  line: z.number(),
  column: z.number(),
  /** Whether it is the service's own code. */
  inApp: z.boolean(),
  /** Source around the line. */
  context: z.object({ pre: z.array(z.string()), line: z.string(), post: z.array(z.string()) }).optional(),
  /** Where it was before a source map was applied. */
  generated: z
    .object({ function: z.string(), file: z.string(), line: z.number(), column: z.number() })
    .optional(),
});

const exception = z.object({
  /** The class, such as TypeError. */
  name: z.string(),
  message: z.string(),
  /** Machine-readable, such as ECONNREFUSED; empty for none. */
  code: z.string(),
  /** Where it was thrown comes first. */
  frames: z.array(frame),
});

const breadcrumb = z.object({
  /** Epoch ms. */
  time: z.number(),
  category: z.string(),
  level: z.string(),
  message: z.string(),
});

const pairs = z.array(z.tuple([z.string(), z.string()]));

/** One error as it happened, whatever door it came by; texts are bounded by the door. Empty texts say "unknown". */
export const errorEvent = z.object({
  /** 32 hex digits: a second one with the same id is the same event. */
  id: z.string(),
  /** Epoch ms. */
  time: z.number(),
  origin: z.enum(ORIGINS),
  /** Canonical. */
  service: z.string(),
  environment: z.string(),
  release: z.string(),
  type: z.enum(ERROR_TYPES),
  severity: z.enum(SEVERITIES),
  level: z.string(),
  logger: z.string(),
  /** The outermost first, then what caused it; none for a message that was reported without an error. */
  exceptions: z.array(exception),
  /** Of an event without an error. */
  message: z.string(),
  /** Route or job that was running. */
  transaction: z.string(),
  method: z.string(),
  user: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  requestId: z.string(),
  correlationId: z.string(),
  instance: z.string(),
  tags: pairs,
  /** Further facts as JSON texts by name. */
  context: pairs,
  breadcrumbs: z.array(breadcrumb),
  /** As the sender wishes it grouped; empty for the usual way. */
  fingerprint: z.array(z.string()),
  /** Ids of the builds whose source maps belong to the files: file, id. */
  debugIds: pairs,
});

export type ErrorEvent = z.output<typeof errorEvent>;
export type ErrorFrame = z.output<typeof frame>;
export type Thrown = z.output<typeof exception>;
export type Breadcrumb = z.output<typeof breadcrumb>;

/** What an event is called in lists. */
export function titleOf(event: Pick<ErrorEvent, 'exceptions' | 'message'>): {
  name: string;
  message: string;
} {
  const [outer] = event.exceptions;
  const text = outer === undefined ? event.message : outer.message;
  return { name: outer?.name ?? 'Message', message: text.split('\n', 1)[0] ?? '' };
}
