import { z } from 'zod';
import { apiUrl, type Params } from './base.ts';

/** What is wrong with one field, such as `body.name`. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

/** Why an answer could not be shown. `status` 0 means that no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly path: string;
  readonly kind: 'offline' | 'refused' | 'broken' | 'contract';
  /** What the server says of single fields of the request. */
  readonly problems: readonly FieldProblem[];

  constructor(
    kind: ApiError['kind'],
    path: string,
    status: number,
    message: string,
    problems: readonly FieldProblem[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
    this.problems = problems;
    this.kind = kind;
    this.path = path;
    this.status = status;
  }
}

const errorBody = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform((body) => body.error.message),
  z.object({ message: z.string() }).transform((body) => body.message),
  z.object({ error: z.string() }).transform((body) => body.error),
]);

const problemsBody = z.object({
  error: z.object({
    details: z.object({ problems: z.array(z.object({ field: z.string(), problem: z.string() })) }),
  }),
});

async function refusal(
  response: Response,
): Promise<{ readonly message: string; readonly problems?: readonly FieldProblem[] }> {
  const body = await response.text().catch(() => '');
  try {
    const json: unknown = JSON.parse(body);
    const parsed = errorBody.safeParse(json);
    const { data } = problemsBody.safeParse(json);
    if (parsed.success) return { message: parsed.data, problems: data?.error.details.problems ?? [] };
  } catch {
    // Not JSON: a proxy's page or plain text, shortened below.
  }
  return { message: body.startsWith('<') || body === '' ? response.statusText : body.slice(0, 200) };
}

export interface RequestOptions {
  readonly params?: Params;
  readonly signal?: AbortSignal;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks the server and holds the answer against its schema.
 * @throws {ApiError} `offline` without an answer, `refused` on 4xx, `broken` on 5xx, `contract` when the answer has another shape.
 */
export async function request<T>(
  path: string,
  schema: z.ZodType<T>,
  options: RequestOptions = {},
): Promise<T> {
  const init: RequestInit = {
    method: options.method ?? 'GET',
    headers: {
      accept: 'application/json',
      ...options.headers,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    credentials: 'same-origin',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  };
  const response = await fetch(apiUrl(path, options.params), init).catch((cause: unknown) => {
    if (options.signal?.aborted === true) throw cause;
    throw new ApiError('offline', path, 0, 'No answer from the Pharos server.');
  });
  if (!response.ok) {
    const kind = response.status >= 500 ? 'broken' : 'refused';
    const { message, problems } = await refusal(response);
    throw new ApiError(kind, path, response.status, message, problems);
  }
  const raw = response.status === 204 ? '' : await response.text();
  let json: unknown = null;
  try {
    json = raw === '' ? null : JSON.parse(raw);
  } catch {
    throw new ApiError('contract', path, response.status, 'The answer is not JSON.');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
  throw new ApiError('contract', path, response.status, `The answer has an unexpected shape${where}.`);
}
