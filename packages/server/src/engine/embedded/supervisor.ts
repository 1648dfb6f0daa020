import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { PharosError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { engineErrors } from '../errors.ts';
import { type EngineHost, type HostEvents, type HostStatement, StateCell } from '../host.ts';
import type { EngineProcess } from '../types.ts';
import { abortable } from './abortable.ts';
import { ENGINE_ENVIRONMENT } from './config.ts';
import type { CoreOptions } from './core.ts';
import { encodeFrame, FrameReader } from './framing.ts';
import { endOrphan, removeOwnership, writeOwnership } from './orphan.ts';
import { reportSchema } from './report-schema.ts';
import { fromFailure, type Report } from './reports.ts';
import type { Request } from './requests.ts';
import { StderrTail } from './stderr-tail.ts';
import {
  type Supervision,
  type SupervisionEffect,
  type SupervisionInput,
  supervise,
  TICK_MS,
} from './supervision.ts';

export interface SupervisorOptions {
  readonly core: CoreOptions;
  /** Where it is written who owns the data directory. */
  readonly ownershipFile: string;
  /** Node's arguments that run the engine process: the built entry, or its source with a loader. */
  readonly entry: readonly string[];
  readonly events: HostEvents;
  readonly clock: Clock;
  readonly log: Log;
}

interface Pending {
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

/** Runs the engine in a process of its own and keeps it alive: the server outlives its crashes. */
export class SupervisedHost implements EngineHost {
  readonly #options: SupervisorOptions;
  readonly #cell = new StateCell();
  readonly #pending = new Map<number, Pending>();
  #supervision: Supervision = { phase: 'idle' };
  #child: ChildProcess | null = null;
  #channel: Socket | null = null;
  #stderr = new StderrTail();
  #tick: Timer | null = null;
  #retry: Timer | null = null;
  #failure: PharosError | null = null;
  #settleStart: { resolve: () => void; reject: (reason: unknown) => void } | null = null;
  #nextId = 1;
  #memoryBytes = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  state(): ReturnType<EngineHost['state']> {
    return this.#cell.get();
  }

  onState(listener: Parameters<EngineHost['onState']>[0]): () => void {
    return this.#cell.listen(listener);
  }

  process(): EngineProcess {
    const state = this.#supervision;
    return {
      pid: this.#child?.pid ?? null,
      readyForMs: state.phase === 'open' ? this.#options.clock.monotonic() - state.since : null,
      memoryBytes: this.#memoryBytes,
    };
  }

  /** For tests that kill it. */
  enginePid(): number | undefined {
    return this.#child?.pid;
  }

  async start(signal?: AbortSignal): Promise<void> {
    if (this.#supervision.phase !== 'idle') return;
    const orphan = await endOrphan(this.#options.ownershipFile, this.#options.clock);
    if (orphan !== null) this.#options.log.warn({ pid: orphan.pid }, 'ended an engine whose server is gone');
    signal?.throwIfAborted();
    const cancel = (): void => this.#kill('the start was canceled');
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settleStart = { resolve, reject };
        this.#tick = this.#options.clock.every(TICK_MS, () => this.#input({ type: 'tick' }));
        this.#input({ type: 'start' });
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async stop(deadline?: AbortSignal): Promise<void> {
    if (this.#supervision.phase === 'idle') return;
    await new Promise<void>((resolve) => {
      const unsubscribe = this.#cell.listen((state) => {
        if (state !== 'stopped') return;
        unsubscribe();
        resolve();
      });
      const kill = (): void => this.#kill('the stop deadline passed');
      this.#input({ type: 'stop' });
      if (deadline?.aborted === true) kill();
      else deadline?.addEventListener('abort', kill, { once: true });
    });
    this.#tick?.cancel();
    this.#retry?.cancel();
  }

  run(statement: HostStatement): Promise<Uint8Array> {
    const channel = this.#channel;
    if (channel === null || this.#supervision.phase !== 'open') return Promise.reject(this.#gone());
    const id = this.#nextId++;
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    this.#send({ type: 'run', id, limits: statement.limits }, Buffer.from(statement.text, 'utf8'));
    return abortable(statement.signal, () => this.#send({ type: 'cancel', id }), answer);
  }

  #gone(): PharosError {
    return engineErrors.make('gone', 'the engine is not running; it is being started again', {
      retryAfterSeconds: 1,
    });
  }

  #input(input: SupervisionInput): void {
    const step = supervise(this.#supervision, input, this.#options.clock.monotonic());
    this.#supervision = step.state;
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: SupervisionEffect): void {
    switch (effect.type) {
      case 'spawn':
        this.#spawn();
        break;
      case 'kill':
        this.#kill(effect.reason);
        break;
      case 'close':
        this.#send({ type: 'stop' });
        break;
      case 'retryIn':
        this.#retry = this.#options.clock.after(effect.ms, () => this.#input({ type: 'retry' }));
        break;
      case 'drop':
        this.#drop();
        break;
      case 'giveUp':
        this.#settleStart?.reject(
          this.#failure ?? engineErrors.make('gone', `the engine did not start: ${this.#stderr.last()}`),
        );
        this.#settleStart = null;
        this.#tick?.cancel();
        break;
      case 'announce':
        this.#announce(effect.state);
        break;
    }
  }

  #announce(state: 'starting' | 'ready' | 'down' | 'stopped'): void {
    if (state === 'ready') {
      this.#settleStart?.resolve();
      this.#settleStart = null;
    }
    if (state === 'stopped') {
      this.#settleStart?.reject(engineErrors.make('gone', 'the engine was stopped while it started'));
      this.#settleStart = null;
    }
    this.#cell.set(state);
  }

  #drop(): void {
    this.#channel?.destroy();
    this.#channel = null;
    this.#child = null;
    this.#memoryBytes = 0;
    removeOwnership(this.#options.ownershipFile);
    const gone = this.#gone();
    const dropped = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of dropped) pending.reject(gone);
  }

  #kill(reason: string): void {
    this.#options.log.warn({ pid: this.#child?.pid, reason }, 'killing the engine process');
    this.#child?.kill('SIGKILL');
  }

  #spawn(): void {
    const { entry, core, ownershipFile, log } = this.#options;
    this.#failure = null;
    this.#stderr = new StderrTail();
    const child = spawn(process.execPath, [...entry], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...ENGINE_ENVIRONMENT },
    });
    this.#child = child;
    child.stderr?.on('data', (chunk: Buffer) => {
      for (const line of this.#stderr.push(chunk)) log.warn({ engine: line }, 'the engine wrote to stderr');
    });
    // 'close' comes after the last byte of stderr; an 'error' (no such executable) comes without an exit.
    child.once('close', (code, signal) => this.#exited(child, code, signal));
    child.once('error', (error) =>
      log.error({ error: error.message }, 'the engine process could not be started'),
    );
    const channel = channelOf(child);
    this.#channel = channel;
    if (channel === null) return;
    const reader = new FrameReader();
    channel.on('error', () => child.kill('SIGKILL'));
    channel.on('data', (chunk: Buffer) => this.#receive(child, reader, chunk));
    if (child.pid !== undefined) writeOwnership(ownershipFile, child.pid);
    this.#send({ type: 'open', options: core });
  }

  #exited(child: ChildProcess, code: number | null, signal: string | null): void {
    if (child !== this.#child) return;
    if (this.#supervision.phase !== 'stopping')
      this.#options.log.warn({ pid: child.pid, code, signal }, 'the engine process ended');
    this.#input({ type: 'exited' });
  }

  #send(request: Request, body?: Uint8Array): void {
    const channel = this.#channel;
    if (channel === null || channel.destroyed) return;
    // One call of the system, so that the other side wakes up once.
    channel.cork();
    for (const part of encodeFrame(request, body)) channel.write(part);
    channel.uncork();
  }

  #receive(child: ChildProcess, reader: FrameReader, chunk: Buffer): void {
    if (child !== this.#child) return;
    try {
      for (const frame of reader.push(chunk)) this.#report(reportSchema.parse(frame.header), frame.body);
    } catch (error) {
      this.#kill(`it sent what is no message: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #report(report: Report, body: Uint8Array): void {
    switch (report.type) {
      case 'opened':
        this.#input({ type: 'opened' });
        break;
      case 'failed':
        this.#failure = this.#stderr.explain(fromFailure(report.failure));
        this.#kill('it could not open the data');
        break;
      case 'beat':
        if (report.discarded > 0) this.#options.events.discarded(report.discarded);
        this.#memoryBytes = report.anonymousBytes;
        this.#options.events.anonymousMemory(report.anonymousBytes);
        this.#input({ type: 'beat' });
        break;
      case 'result':
        this.#settle(report.id)?.resolve(body);
        break;
      case 'error':
        this.#settle(report.id)?.reject(fromFailure(report.failure));
        break;
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}

function channelOf(child: ChildProcess): Socket | null {
  const channel = child.stdio[3];
  return channel instanceof Socket ? channel : null;
}
