import type { Clock, Timer } from '../../kernel/clock.ts';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { snappyEncode } from '../../kernel/wire/snappy.ts';
import { METADATA_TYPES } from '../remote-protocol/metadata-types.ts';
import type { MetricMetadata } from '../sink.ts';
import type { RemoteWriteConfig } from './config.ts';
import type { Outcome } from './sender.ts';

export interface MetadataSenderDeps {
  readonly clock: Clock;
  families(): ReadonlyMap<string, readonly MetricMetadata[]>;
  send(body: Uint8Array, stop: AbortSignal): Promise<Outcome>;
}

/** Sends the descriptions of all metric families now and then, in requests without samples (RW-5). */
export class MetadataSender {
  readonly #config: RemoteWriteConfig['metadata_config'];
  readonly #deps: MetadataSenderDeps;
  readonly #stop = new AbortController();
  #timer: Timer | null = null;
  #round: Promise<void> | null = null;

  constructor(config: RemoteWriteConfig['metadata_config'], deps: MetadataSenderDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  start(): void {
    if (!this.#config.send) return;
    this.#timer = this.#deps.clock.every(this.#config.send_interval, () => {
      this.#round ??= this.#send().finally(() => (this.#round = null));
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stop.abort(new Error('forwarding stops'));
    await this.#round;
  }

  async #send(): Promise<void> {
    const families = [...this.#deps.families()];
    const most = this.#config.max_samples_per_send;
    for (let at = 0; at < families.length && !this.#stop.signal.aborted; at += most) {
      const message = new ProtobufWriter();
      for (const [name, [about]] of families.slice(at, at + most)) {
        if (about === undefined) continue;
        // MetricMetadata{type 1, metric_family_name 2, help 4, unit 5}
        message.message(3, (one) =>
          one.varint(1, METADATA_TYPES[about.type]).text(2, name).text(4, about.help).text(5, about.unit),
        );
      }
      await this.#deps.send(snappyEncode(message.bytes), this.#stop.signal);
    }
  }
}
