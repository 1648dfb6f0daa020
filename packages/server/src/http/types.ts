import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { PharosError } from '../kernel/errors.ts';
import type { Admission } from './admit.ts';
import type { SocketRoute } from './sockets.ts';

/** The Fastify instance that slices register routes on: schemas are zod, OpenAPI is generated from them. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** How one API words a failure (compat X-7). Gets validation failures as `bad_request` PharosErrors too. */
export type ErrorRenderer = (error: PharosError, request: FastifyRequest, reply: FastifyReply) => unknown;

/** One API of one slice: its routes in their own Fastify scope with their own error shape. */
export interface ApiModule {
  readonly name: string;
  readonly renderError: ErrorRenderer;
  register(app: HttpApp): void | Promise<void>;
  /** Answers while the rest of the server still starts: everything it asks at once is in memory by then. */
  readonly early?: boolean;
  /** Paths of it that open WebSockets. */
  readonly sockets?: readonly SocketRoute[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Credentials of the route's own protocol, such as the public key of a DSN; null where the request has none of them. */
    credentials?: (request: FastifyRequest) => Admission | null;
    /** Whether pages of other sites may show the answer, since it is the same for everybody. */
    embeddable?: () => boolean;
    /** Answers while the server starts, in a module that does not. */
    early?: boolean;
    /** What the body is, for the documentation alone, where the route reads its bytes by itself. */
    readsBody?: z.ZodType;
  }
  interface FastifyRequest {
    /** The tenant this request acts for; set by the access hook before any handler runs. */
    tenant: string;
    /** The tenants whose data the credentials may see. */
    tenants: readonly string[];
    /** Who asks, as their credentials say; empty without a login. */
    user: string;
  }
}
