import { z } from 'zod';

/** One documented request: a method and a path, with what the document says it takes. */
export interface Door {
  /** `POST /api/v1/probes/{id}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** JSON schema of the body; undefined for a door whose body has none. */
  readonly body: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: unknown;
}

/** Tags of the document whose doors are another capability's, which has tests of its own for bad input. */
const ELSEWHERE = new Set([
  'prometheus',
  'cardinality',
  'push',
  'logs',
  'loki',
  'traces',
  'dashboards',
  'shop',
]);
/** Of the tag `ingest` only errors are meant; metrics, logs and spans are fuzzed where they are decoded. */
const INGEST = /^\/api\/(errors$|\{project\}\/)/;

const operation = z.object({
  tags: z.array(z.string()).default([]),
  parameters: z
    .array(z.object({ name: z.string(), in: z.string(), schema: z.unknown().optional() }))
    .default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }).optional(),
});
const apiDocument = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/**
 * The doors of events, errors, probes, breakers, health, status page, analysis and of what answers about Pharos itself: every
 * documented one that is not said to be elsewhere, so that a new door is here until somebody says otherwise.
 */
export async function readDoors(url: string): Promise<readonly Door[]> {
  const { paths } = apiDocument.parse(await (await fetch(`${url}/openapi.json`)).json());
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { tags, parameters, requestBody }]): Door[] => {
      if (tags.some((tag) => ELSEWHERE.has(tag)) || (tags.includes('ingest') && !INGEST.test(path)))
        return [];
      const name = `${method.toUpperCase()} ${path}`;
      const body = Object.values(requestBody?.content ?? {})[0]?.schema;
      return [{ name, method: method.toUpperCase(), path, parameters, body }];
    }),
  );
}
