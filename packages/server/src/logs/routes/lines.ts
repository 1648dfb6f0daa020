import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { LOG_BODY_LIMIT } from '../decode/bodies.ts';
import { logsErrors } from '../errors.ts';
import type { LogDoors } from '../ingest/service.ts';
import { refusedText } from './loki-push.ts';

const reportAnswer = z.object({
  stored: z.number(),
  duplicates: z.number().describe('Lines that were there already: same stream, time, message and metadata.'),
  refused: z.number(),
  problem: z.string().describe('What was refused and why; empty when all was taken.'),
});

/** `POST /api/logs`: JSON lines. */
export function linesApi(doors: LogDoors): ApiModule {
  return {
    name: 'log-lines',
    renderError: renderPharosError,
    register(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      app.post(
        '/api/logs',
        {
          bodyLimit: LOG_BODY_LIMIT,
          schema: {
            tags: ['ingest'],
            summary: 'Log lines as JSON: one object per line, an array, or one object; valid lines are kept',
            querystring: z.object({
              service: z.string().max(200).default('unknown_service').describe('For lines that name none.'),
            }),
            response: { 200: reportAnswer },
          },
        },
        async ({ tenant, body, query }) => {
          const bytes = body instanceof Uint8Array ? body : new Uint8Array(0);
          const { report, problems } = await doors.lines(tenant, bytes, query.service);
          const refused = problems.count + report.refused.reduce((sum, { count }) => sum + count, 0);
          const words = [problems.first, report.refused.length > 0 ? refusedText(report) : ''];
          const problem = words.filter((text) => text !== '').join('; ');
          if (refused > 0 && report.stored + report.duplicates === 0)
            throw logsErrors.make('refused', problem);
          return { stored: report.stored, duplicates: report.duplicates, refused, problem };
        },
      );
    },
  };
}
