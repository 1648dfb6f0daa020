import { z } from 'zod';
import { renderPharosError } from '../../../http/render.ts';
import type { ApiModule } from '../../../http/types.ts';
import { READY_GROUPS } from './registry.ts';
import { runbookHtml, runbooksHtml } from './runbook-page.ts';

const tags = ['alerts'];
const HTML = 'text/html; charset=utf-8';

/** `/runbooks`: what to do about the alerts that Pharos brings along; their annotation `runbook_url` leads there. */
export function runbooksApi(): ApiModule {
  return {
    name: 'runbooks',
    renderError: renderPharosError,
    register(app) {
      app.get('/runbooks', { schema: { tags, summary: 'All runbooks, as a page' } }, (_, reply) =>
        reply.type(HTML).send(runbooksHtml(READY_GROUPS)),
      );
      app.get(
        '/runbooks/:name',
        {
          schema: {
            tags,
            summary: 'What to do about the alerts of a group of ready rules, as a page',
            params: z.object({ name: z.enum(Object.keys(READY_GROUPS)) }),
          },
        },
        ({ params }, reply) => {
          const group = READY_GROUPS[params.name];
          if (group === undefined) return reply.callNotFound();
          return reply.type(HTML).send(runbookHtml(group));
        },
      );
    },
  };
}
