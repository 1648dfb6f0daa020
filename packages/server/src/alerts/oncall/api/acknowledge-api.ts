import type { FastifyReply, FastifyRequest } from 'fastify';
import { DEFAULT_TENANT } from '../../../http/admit.ts';
import { FormParams } from '../../../http/form-params.ts';
import { renderPharosError } from '../../../http/render.ts';
import type { ApiModule } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { alertErrors } from '../../errors.ts';
import type { Escalations } from '../escalations.ts';
import { acknowledgeHtml, brokenLinkHtml } from '../links/acknowledge-page.ts';
import { type Grant, isExpired, type LinkTokens } from '../links/tokens.ts';
import type { Page } from '../page/page.ts';
import { whoOf } from './pages-api.ts';

export interface AcknowledgeOptions {
  readonly clock: Clock;
  readonly escalations: Escalations;
  readonly tokens: LinkTokens;
}

const tags = ['on call'];

/**
 * `/acknowledge`: behind the links of notifications. Opening it changes nothing, since scanners of mail open every link; its button posts.
 * The token in the address is the login.
 */
export function acknowledgeApi(options: AcknowledgeOptions): ApiModule {
  const { tokens } = options;
  return {
    name: 'acknowledge',
    early: true,
    renderError: renderPharosError,
    register(app) {
      const config = {
        credentials: (request: FastifyRequest) =>
          tokens.read(tokenOf(request)) === null
            ? null
            : { user: '', tenants: [DEFAULT_TENANT], tenant: DEFAULT_TENANT },
      };
      app.get(
        '/acknowledge',
        { config, schema: { tags, summary: 'The page behind a link of a notification; it changes nothing' } },
        (request, reply) => {
          const found = linkOf(request, options);
          if (typeof found === 'string') return broken(reply, found);
          return html(reply, acknowledgeHtml({ ...found, note: '' }));
        },
      );
      app.post(
        '/acknowledge',
        {
          config,
          bodyLimit: 10_000,
          schema: { tags, summary: 'The button of that page: acknowledges, or takes it back' },
        },
        (request, reply) => pressed(request, reply, options),
      );
    },
  };
}

async function pressed(
  request: FastifyRequest,
  reply: FastifyReply,
  options: AcknowledgeOptions,
): Promise<FastifyReply> {
  const found = linkOf(request, options);
  if (typeof found === 'string') return broken(reply, found);
  const form = new FormParams(request);
  const by = whoOf(found.person, form.text('by').slice(0, 100));
  const { escalations } = options;
  const { id } = found.page;
  const who = { by, via: 'by the link of a notification' };
  try {
    const isBack = form.text('act') === 'unacknowledge';
    const page = isBack ? await escalations.unacknowledge(id, who) : await escalations.acknowledge(id, who);
    const note = isBack ? 'It is told on from where it stood.' : `Acknowledged. Nobody else is told, ${by}.`;
    return html(reply, acknowledgeHtml({ ...found, page, note }));
  } catch (error) {
    if (!alertErrors.is(error, 'endedPage')) throw error;
    const page = escalations.book.get(id) ?? found.page;
    return html(
      reply,
      acknowledgeHtml({ ...found, page, note: 'It had ended before: nothing was to be done.' }),
    );
  }
}

/** What a link leads to, or why it leads nowhere. */
function linkOf(
  request: FastifyRequest,
  { clock, tokens, escalations }: AcknowledgeOptions,
): { readonly page: Page; readonly person: string } | string {
  const grant: Grant | null = tokens.read(tokenOf(request));
  if (grant?.purpose !== 'page')
    return 'It is not complete, or not one of this Pharos. Open the dashboard instead.';
  if (isExpired(grant, clock.now())) return 'Its time is over. Open the dashboard instead.';
  const page = escalations.book.get(grant.of);
  return page === undefined ? 'What it was about ended long ago.' : { page, person: grant.to };
}

/** Of the address alone: what a form says beside it is no login. */
function tokenOf({ raw }: FastifyRequest): string {
  return new FormParams({ raw: { url: raw.url, headers: {} } }).text('token');
}

function broken(reply: FastifyReply, why: string): FastifyReply {
  return html(reply.code(403), brokenLinkHtml(why));
}

function html(reply: FastifyReply, text: string): FastifyReply {
  return (
    reply
      .header('cache-control', 'no-store')
      // Nothing of the address goes to other sites. `no-referrer` would make browsers say `Origin: null` with the button, which the gate refuses.
      .header('referrer-policy', 'same-origin')
      .type('text/html; charset=utf-8')
      .send(text)
  );
}
