import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { PasswordVault } from './access/index.ts';
import type { Authenticator } from './http/admit.ts';
import type { WebConfig } from './http/config.ts';
import { installDashboard } from './http/dashboard.ts';
import { installDocs, installOpenApi } from './http/docs.ts';
import { ExtraListeners } from './http/extra-listeners.ts';
import type { GatePolicy } from './http/gate.ts';
import { type GrpcMethods, GrpcServer } from './http/grpc.ts';
import { listen, urlHost } from './http/listen.ts';
import { OTLP_BODY_LIMIT, otlpMethods } from './http/otlp/api.ts';
import type { OtlpSignal } from './http/otlp/signal.ts';
import { addApi, createHttpApp } from './http/server.ts';
import { Sockets } from './http/sockets.ts';
import type { HttpTelemetry } from './http/telemetry.ts';
import { readTls } from './http/tls.ts';
import type { ApiModule, HttpApp } from './http/types.ts';
import type { StateKind, StateStore } from './journal/index.ts';
import type { Service } from './kernel/services.ts';
import { VERSION } from './version.ts';
import type { Base } from './wire-storage.ts';

/** How long running requests may take to end once the server stops. */
const DRAIN_MS = 2000;

/**
 * The HTTP server: every API behind the gate, the docs, the dashboard. It listens as soon as alerts are read, before the engine opens,
 * which may take minutes or not succeed; what needs more than alerts is refused until `http` starts, and first to stop.
 *
 *   data directory ─> alerts ─> http-listener ─> engine ─> stores ─> flusher ─> http ─> scraping, rules
 */
export class HttpFront implements Service {
  readonly name = 'http';
  readonly dependsOn = ['http-listener', 'metrics-store', 'flusher', 'health', 'live'];
  readonly listener: Service = {
    name: 'http-listener',
    dependsOn: [
      'alert-dispatcher',
      'alert-escalation-timers',
      'alert-rota',
      'alert-link-tokens',
      'alert-incidents',
      'own-rules',
      'told-before-rules',
    ],
    start: () => this.#listen(),
    stop: () => this.stop(),
  };
  readonly #base: Base;
  readonly #web: WebConfig;
  readonly #policy: GatePolicy;
  readonly #authenticator: Authenticator;
  readonly #metrics: HttpTelemetry;
  #apis: readonly ApiModule[] = [];
  #grpcMethods: GrpcMethods = new Map();
  #app: HttpApp | null = null;
  #extra: ExtraListeners | null = null;
  #sockets: Sockets | null = null;
  #tls: Awaited<ReturnType<typeof readTls>>;
  #isOpen = false;
  #port = 0;

  constructor(
    base: Base,
    web: WebConfig,
    floor: { readonly policy: GatePolicy; readonly authenticator: Authenticator },
    metrics: HttpTelemetry,
  ) {
    this.#base = base;
    this.#web = web;
    this.#policy = floor.policy;
    this.#authenticator = floor.authenticator;
    this.#metrics = metrics;
  }

  setApis(apis: readonly ApiModule[], otlp: readonly OtlpSignal[]): void {
    this.#apis = apis;
    this.#grpcMethods = otlpMethods(otlp);
  }

  /** The port that was opened; 0 before start. */
  get port(): number {
    return this.#port;
  }

  get url(): string {
    const scheme = this.#web.tls_server_config === undefined ? 'http' : 'https';
    const wildcard = ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(this.#web.listen_address);
    return (
      this.#web.external_url ??
      `${scheme}://${wildcard ? 'localhost' : urlHost(this.#web.listen_address)}:${this.#port}`
    );
  }

  /** Opens the doors that need the engine. */
  async start(): Promise<void> {
    const app = this.#app;
    if (app === null) throw new TypeError('the HTTP server does not listen');
    this.#sockets = new Sockets({
      policy: this.#policy,
      authenticator: this.#authenticator,
      log: this.#base.log,
      routes: this.#apis.flatMap(({ sockets }) => sockets ?? []),
      secure: this.#tls !== undefined,
    });
    this.#sockets.attach(app.server);
    await this.#listenToo(app);
    this.#isOpen = true;
  }

  async #listen(): Promise<void> {
    const { log } = this.#base;
    const tls = await readTls(this.#web.tls_server_config);
    const app = await createHttpApp({
      policy: this.#policy,
      authenticator: this.#authenticator,
      metrics: this.#metrics,
      log,
      maxBody: this.#web.max_body,
      maxBodiesInFlight: this.#web.max_bodies_in_flight,
      tls,
    });
    this.#app = app;
    this.#tls = tls;
    await installOpenApi(app, VERSION);
    for (const api of this.#apis) await addApi(app, api, log, () => this.#isOpen);
    installDocs(app);
    const basePath =
      this.#web.external_url === undefined
        ? '/'
        : `${new URL(this.#web.external_url).pathname.replace(/\/$/, '')}/`;
    await installDashboard(app, fileURLToPath(new URL('../../dashboard/dist', import.meta.url)), basePath);
    this.#port = await listen(app, this.#web.listen_address, this.#web.port, 'PHAROS_PORT');
  }

  /** The optional listeners, behind the same gate. */
  async #listenToo(app: HttpApp): Promise<void> {
    const { log, clock } = this.#base;
    const tls = this.#tls;
    const grpc = new GrpcServer({
      policy: this.#policy,
      authenticator: this.#authenticator,
      metrics: this.#metrics,
      log,
      clock,
      methods: this.#grpcMethods,
      maxMessage: OTLP_BODY_LIMIT,
      maxInFlight: this.#web.max_bodies_in_flight,
      tls,
    });
    this.#extra = new ExtraListeners({ app, grpc, tls, log, clock });
    await this.#extra.open(this.#web.listen_address, this.#web.extra_ports);
  }

  /** Lets running requests end, then closes what is left: a socket a browser opened in advance would hold the stop up for a minute. */
  async stop(): Promise<void> {
    const app = this.#app;
    this.#app = null;
    if (app === null) return;
    this.#sockets?.close();
    const closing = Promise.all([app.close(), this.#extra?.close(DRAIN_MS)]);
    const timer = this.#base.clock.after(DRAIN_MS, () => app.server.closeAllConnections());
    await closing;
    timer.cancel();
  }
}

const adminPassword: StateKind<{ readonly hash: string }> = {
  name: 'access.password',
  version: 1,
  schema: z.strictObject({ hash: z.string() }),
};

/** A generated password's hash, in the StateStore. */
export function passwordVault(state: StateStore): PasswordVault {
  return {
    load: () => Promise.resolve(state.get(adminPassword, 'default', 'admin')?.value.hash),
    save: async (hash) => {
      await state.put(adminPassword, 'default', 'admin', { hash });
    },
  };
}
