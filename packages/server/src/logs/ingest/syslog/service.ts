import { readTls } from '../../../http/tls.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { Log } from '../../../kernel/log.ts';
import type { Random } from '../../../kernel/random.ts';
import type { Service } from '../../../kernel/services.ts';
import type { Telemetry } from '../../../kernel/telemetry.ts';
import type { LogDoors } from '../service.ts';
import type { SyslogAddress, SyslogConfig } from './config.ts';
import { SyslogDoor, type Transport } from './door.ts';
import { SyslogTcp } from './tcp.ts';
import { syslogTelemetry } from './telemetry.ts';
import { SyslogUdp } from './udp.ts';

export interface SyslogDeps {
  readonly doors: LogDoors;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly config: SyslogConfig;
  /** Whose lines they are: the protocol cannot say. */
  readonly tenant: string;
}

/** The syslog listeners as a service. A port that cannot be had is a warning: everything else goes on. */
export class SyslogService implements Service {
  readonly name = 'syslog';
  readonly dependsOn = ['logs-store', 'flusher'];
  readonly #deps: SyslogDeps;
  readonly #stop = new AbortController();
  readonly #tcp: SyslogTcp[];
  readonly #tls: SyslogTcp[];
  readonly #udp: SyslogUdp[];
  readonly #ports: { readonly transport: Transport; readonly port: number }[] = [];

  constructor(deps: SyslogDeps) {
    this.#deps = deps;
    const telemetry = syslogTelemetry(deps.telemetry, () => ({
      connections: [...this.#tcp, ...this.#tls].reduce((sum, { connections }) => sum + connections, 0),
      queuedBytes: this.#udp.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0),
    }));
    const { config } = deps;
    const parts = {
      config,
      telemetry,
      door: new SyslogDoor({ ...deps, telemetry }),
      signal: this.#stop.signal,
    };
    this.#tcp = config.tcp.map(() => new SyslogTcp(parts));
    this.#tls = config.tls.map(() => new SyslogTcp(parts));
    this.#udp = config.udp.map(() => new SyslogUdp(parts));
  }

  /** What was opened. */
  get ports(): readonly { readonly transport: Transport; readonly port: number }[] {
    return this.#ports;
  }

  async start(): Promise<void> {
    const { config } = this.#deps;
    for (const [i, address] of config.tcp.entries())
      await this.#open('tcp', address, (at) => this.#tcp[i]?.open(at));
    for (const [i, address] of config.tls.entries())
      await this.#open('tls', address, async (at) => {
        const files = await readTls(config.tls_server_config, 'logs.syslog.tls_server_config');
        return this.#tls[i]?.open(at, files);
      });
    for (const [i, address] of config.udp.entries())
      await this.#open('udp', address, (at) => this.#udp[i]?.open(at));
  }

  /** What was received is stored first, unless that takes longer than there is time. */
  async stop(deadline: AbortSignal): Promise<void> {
    const end = (): void => this.#stop.abort();
    deadline.addEventListener('abort', end, { once: true });
    if (deadline.aborted) end();
    await Promise.all([...this.#tcp, ...this.#tls, ...this.#udp].map((listener) => listener.close()));
    deadline.removeEventListener('abort', end);
  }

  async #open(
    transport: Transport,
    address: SyslogAddress,
    open: (address: SyslogAddress) => Promise<number | undefined> | undefined,
  ): Promise<void> {
    const { log } = this.#deps;
    try {
      const port = (await open(address)) ?? address.port;
      this.#ports.push({ transport, port });
      log.info({ transport, host: address.host, port }, 'listening for syslog');
      // Who must show a certificate has a login.
      const isClosed =
        transport === 'tls' &&
        this.#deps.config.tls_server_config?.client_auth_type === 'RequireAndVerifyClientCert';
      if (!isClosed && !/^(?:127\.|::1$|localhost$)/.test(address.host))
        log.warn(
          { transport, host: address.host, port },
          'syslog knows no login: anyone who reaches it may write',
        );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn(
        { transport, ...address },
        `cannot listen for syslog (logs.syslog.${transport}): ${reason}; Pharos goes on without it`,
      );
    }
  }
}
