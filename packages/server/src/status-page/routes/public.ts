import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { DEFAULT_TENANT } from '../../http/admit.ts';
import { FormParams } from '../../http/form-params.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import { statusPageErrors } from '../errors.ts';
import { BADGE_KINDS, badge, wholePage } from '../render/badge.ts';
import { atomFeed } from '../render/feed.ts';
import { statusPageHtml } from '../render/page.ts';
import type { StatusPageService } from '../service.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Subscriptions } from '../subscribe/subscriptions.ts';
import { DAYS } from '../uptime.ts';

export interface PublicStatusOptions {
  readonly service: StatusPageService;
  readonly subscriptions: Subscriptions;
  /** Where the public finds the page, without a slash at its end. */
  readonly pageUrl: () => string;
}

const tags = ['status page'];
const CACHED = 'public, max-age=30';

/** `/status`: what anybody may see, and only while the page is on. Everything comes from a snapshot that is ready. */
export function publicStatusApi(options: PublicStatusOptions): ApiModule {
  return {
    name: 'public-status',
    renderError: renderPharosError,
    register(app) {
      documents(app, options);
      badges(app, options);
      subscribing(app, options);
    },
  };
}

/** While the page is on, nobody needs a login; while it is off, these routes are like any other. */
function open({ service }: PublicStatusOptions, embeddable: boolean) {
  return {
    credentials: () =>
      service.snapshot === null ? null : { user: '', tenants: [DEFAULT_TENANT], tenant: DEFAULT_TENANT },
    embeddable: () => embeddable && service.snapshot !== null,
  };
}

/** Throws `off`. */
function shown({ service }: PublicStatusOptions): Snapshot {
  const { snapshot } = service;
  if (snapshot === null) throw statusPageErrors.make('off', 'there is no public status page here');
  return snapshot;
}

function documents(app: HttpApp, options: PublicStatusOptions): void {
  app.get(
    '/status',
    { config: open(options, false), schema: { tags, summary: 'The public status page' } },
    (_, reply) =>
      reply
        .header('cache-control', CACHED)
        .type('text/html; charset=utf-8')
        .send(statusPageHtml(shown(options))),
  );
  app.get(
    '/status/summary.json',
    { config: open(options, true), schema: { tags, summary: 'The public status page as JSON' } },
    (_, reply) => embedded(reply).send(shown(options)),
  );
  app.get(
    '/status/feed.atom',
    { config: open(options, true), schema: { tags, summary: 'Incidents as an Atom feed' } },
    (_, reply) =>
      embedded(reply)
        .type('application/atom+xml; charset=utf-8')
        .send(atomFeed(shown(options), options.pageUrl())),
  );
}

/** Other sites may show it: it is public, and the same for everybody. */
function embedded(reply: FastifyReply): FastifyReply {
  return reply
    .header('cache-control', CACHED)
    .header('access-control-allow-origin', '*')
    .header('cross-origin-resource-policy', 'cross-origin');
}

function badges(app: HttpApp, options: PublicStatusOptions): void {
  app.get(
    '/status/badges/:id/:kind',
    {
      config: open(options, true),
      schema: {
        tags,
        summary: 'A badge of a component, or of the whole page with the id `page`',
        params: z.object({
          id: z.string().max(12),
          kind: z.enum(BADGE_KINDS.map((kind) => `${kind}.svg` as const)),
        }),
        querystring: z.object({
          days: z.coerce.number().int().min(1).max(DAYS).default(30).describe('Of an uptime.'),
        }),
      },
    },
    ({ params, query }, reply) => {
      const snapshot = shown(options);
      const found =
        params.id === 'page'
          ? wholePage(snapshot)
          : snapshot.groups.flatMap(({ components }) => components).find(({ id }) => id === params.id);
      if (found === undefined) throw statusPageErrors.make('unknown', 'there is no such component');
      const kind = BADGE_KINDS.find((one) => params.kind === `${one}.svg`) ?? 'status';
      return embedded(reply)
        .type('image/svg+xml; charset=utf-8')
        .send(badge(kind, found, query.days));
    },
  );
}

function subscribing(app: HttpApp, options: PublicStatusOptions): void {
  const { subscriptions } = options;
  const config = open(options, false);
  const said = (reply: FastifyReply, note: string): FastifyReply =>
    reply
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(statusPageHtml(shown(options), { note, root: '../' }));
  app.post(
    '/status/subscribe',
    {
      config,
      bodyLimit: 10_000,
      schema: { tags, summary: 'Asks the owner of a webhook to agree to be told of changes' },
    },
    async (request, reply) => {
      if (!shown(options).webhooks)
        throw statusPageErrors.make('off', 'this page has no subscriptions by webhook');
      const json = z.object({ address: z.string() }).safeParse(request.body);
      const address = json.success ? json.data.address : new FormParams(request).text('address');
      await subscriptions.subscribe('webhook', address);
      const note = 'A request to confirm was sent there; it holds for an hour.';
      return json.success ? await reply.code(202).send({ message: note }) : said(reply.code(202), note);
    },
  );
  for (const [what, note] of [
    ['confirm', 'The subscription is confirmed.'],
    ['unsubscribe', 'The subscription has ended.'],
  ] as const)
    app.route({
      method: ['GET', 'POST'],
      url: `/status/${what}/:token`,
      config,
      schema: {
        tags,
        summary: what === 'confirm' ? 'Confirms a subscription' : 'Ends a subscription',
        params: z.object({ token: z.string().min(20).max(100) }),
      },
      handler: async ({ params }, reply) => {
        shown(options);
        await subscriptions[what](params.token);
        return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(`${note}\n`);
      },
    });
}
