import type { Clock } from './clock.ts';

/** Something with a life: started after what it depends on, stopped before it. */
export interface Service {
  readonly name: string;
  readonly dependsOn?: readonly string[];
  start?(signal: AbortSignal): Promise<void> | void;
  /** Must be idempotent and give up by itself when the signal (the stop deadline) aborts. */
  stop?(deadline: AbortSignal): Promise<void> | void;
}

export type ServiceState = 'idle' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed';

export interface StopReport {
  /** Services that did not stop within the deadline, or threw. */
  readonly unclean: readonly { readonly name: string; readonly reason: string }[];
}

const LATE = 'did not stop within the deadline';

/** Starts services in dependency order and stops them in reverse, each within a deadline. */
export class ServiceRegistry {
  readonly #clock: Clock;
  readonly #services = new Map<string, Service>();
  readonly #states = new Map<string, ServiceState>();
  #started: Service[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(service: Service): void {
    if (this.#services.has(service.name)) throw new Error(`service ${service.name} is registered twice`);
    this.#services.set(service.name, service);
    this.#states.set(service.name, 'idle');
  }

  states(): ReadonlyMap<string, ServiceState> {
    return this.#states;
  }

  /** Topological order; throws on an unknown dependency or a cycle, naming it. */
  order(): readonly Service[] {
    const done = new Set<string>();
    const path: string[] = [];
    const ordered: Service[] = [];
    const visit = (name: string, neededBy: string): void => {
      if (done.has(name)) return;
      const service = this.#services.get(name);
      if (service === undefined) throw new Error(`service ${neededBy} depends on unknown service ${name}`);
      if (path.includes(name))
        throw new Error(`services depend on each other in a circle: ${[...path, name].join(' -> ')}`);
      path.push(name);
      for (const dependency of service.dependsOn ?? []) visit(dependency, name);
      path.pop();
      done.add(name);
      ordered.push(service);
    };
    for (const name of this.#services.keys()) visit(name, name);
    return ordered;
  }

  /** Starts all; when one fails, those already started are stopped and the failure is thrown. */
  async start(signal: AbortSignal): Promise<void> {
    for (const service of this.order()) {
      this.#states.set(service.name, 'starting');
      try {
        signal.throwIfAborted();
        await service.start?.(signal);
      } catch (cause) {
        this.#states.set(service.name, 'failed');
        await this.stop(10_000);
        throw cause;
      }
      this.#started.push(service);
      this.#states.set(service.name, 'running');
    }
  }

  /** Stops in reverse order. Never throws; what went wrong is in the report. */
  async stop(deadlineMs: number): Promise<StopReport> {
    const controller = new AbortController();
    const passed = new Promise<string>((resolve) =>
      controller.signal.addEventListener('abort', () => resolve(LATE), { once: true }),
    );
    const timer = this.#clock.after(deadlineMs, () => controller.abort(new Error('stop deadline passed')));
    const unclean: { name: string; reason: string }[] = [];
    const started = this.#started;
    this.#started = [];
    for (const service of started.reverse()) {
      this.#states.set(service.name, 'stopping');
      const reason = await stopOne(service, controller.signal, passed);
      if (reason !== null) unclean.push({ name: service.name, reason });
      this.#states.set(service.name, reason === null ? 'stopped' : 'failed');
    }
    timer.cancel();
    return { unclean };
  }
}

async function stopOne(
  service: Service,
  deadline: AbortSignal,
  passed: Promise<string>,
): Promise<string | null> {
  const stopped = (async () => {
    try {
      await service.stop?.(deadline);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  })();
  if (!deadline.aborted) return await Promise.race([stopped, passed]);
  // Past the deadline a service still gets one turn of the event loop: most stops are immediate.
  return await Promise.race([stopped, new Promise<string>((resolve) => setImmediate(resolve, LATE))]);
}
