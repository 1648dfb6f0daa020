import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { REPORT_STATUSES } from '../ingest/reports/reported.ts';
import type { ReportsService } from '../ingest/reports/service.ts';

/** A refusal that shows the value and says what was expected. */
const expected =
  (what: string) =>
  (issue: { readonly input?: unknown }): string =>
    `${shown(issue.input)} is not ${what}`;

function shown(value: unknown): string {
  if (value === undefined) return 'a missing value';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

const name = z
  .string({ error: expected('a name, expected a text of 1 to 200 characters') })
  .trim()
  .min(1, { error: expected('a name, expected a text of 1 to 200 characters') })
  .max(200, { error: expected('a name, expected a text of 1 to 200 characters') });

const healthBody = z.object({
  status: z.enum(REPORT_STATUSES, {
    error: expected(`a status, expected one of ${REPORT_STATUSES.join(', ')}`),
  }),
});

const METHOD = /^[A-Za-z]{1,20}$/;
const statusText = expected('a status, expected an HTTP status code from 100 to 599');

const httpBody = z.object({
  method: z
    .string({ error: expected('a method, expected a word such as GET') })
    .regex(METHOD, { error: expected('a method, expected a word such as GET') })
    .transform((method) => method.toUpperCase()),
  route: name.describe('The route template, such as /orders/:id; never the raw URL.'),
  status: z
    .union([z.number(), z.string()], { error: statusText })
    .transform(Number)
    .pipe(
      z.number().int({ error: statusText }).min(100, { error: statusText }).max(599, { error: statusText }),
    )
    .transform(String),
  duration: z
    .number({ error: expected('a duration, expected seconds as a number') })
    .min(0, { error: expected('a duration, expected seconds from 0 to 86400') })
    .max(86_400, { error: expected('a duration, expected seconds from 0 to 86400') })
    .describe('Seconds.'),
  service: name.optional(),
});

const usersBody = z.object({
  count: z
    .number({ error: expected('a count, expected a number from 0 on') })
    .min(0, { error: expected('a count, expected a number from 0 on') }),
  service: name.optional(),
});

const answer = z.object({ status: z.literal('ok') });
const OK = { status: 'ok' } as const;

/** Pushed JSON reports: `POST /api/health/:service`, `/api/metrics/http`, `/api/metrics/users`. */
export function reportsApi(reports: ReportsService): ApiModule {
  const tags = ['reports'];
  return {
    name: 'reports',
    renderError: renderPharosError,
    register(app) {
      app.post(
        '/api/health/:service',
        {
          schema: {
            tags,
            summary: "Reports a service's own state; it counts for 90 s",
            params: z.object({ service: name }),
            body: healthBody,
            response: { 200: answer },
          },
        },
        (request) => {
          reports.health(request.tenant, request.params.service, request.body.status);
          return OK;
        },
      );
      app.post(
        '/api/metrics/http',
        {
          schema: {
            tags,
            summary: 'Reports one answered request',
            body: httpBody,
            response: { 200: answer },
          },
        },
        (request) => {
          reports.http(request.tenant, request.body);
          return OK;
        },
      );
      app.post(
        '/api/metrics/users',
        {
          schema: {
            tags,
            summary: 'Reports how many users are active now',
            body: usersBody,
            response: { 200: answer },
          },
        },
        (request) => {
          reports.users(request.tenant, request.body.count, request.body.service);
          return OK;
        },
      );
    },
  };
}
