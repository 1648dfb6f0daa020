import type { TracerProvider } from '@opentelemetry/api';
import { type Context, type ContextManager, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { ContextStore } from '../context/context.ts';
import { toSpanContext } from './span-context.ts';

/**
 * OpenTelemetry's context over ours: what other instrumentations start inside a request becomes a child of its span, and what
 * they make active is what our logs and outgoing calls name.
 */
class StoreContextManager implements ContextManager {
  readonly #contexts: ContextStore;

  constructor(contexts: ContextStore) {
    this.#contexts = contexts;
  }

  active(): Context {
    const frame = this.#contexts.frame();
    if (frame === undefined) return ROOT_CONTEXT;
    const base = frame.values ?? ROOT_CONTEXT;
    const span = frame.span ?? frame.request?.span;
    if (span !== undefined) return trace.setSpan(base, span);
    const position = frame.request?.trace;
    return position === undefined ? base : trace.setSpanContext(base, toSpanContext(position, true));
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    values: Context,
    work: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const request = this.#contexts.get();
    return this.#contexts.runFrame({ request, span: trace.getSpan(values), values }, () =>
      Reflect.apply(work, self, args),
    );
  }

  bind<T>(values: Context, target: T): T {
    if (typeof target !== 'function') return target;
    return new Proxy(target, {
      apply: (work, self, args: unknown[]): unknown =>
        this.with(values, () => Reflect.apply(work, self, args) as unknown),
    });
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

/**
 * Makes a provider and our contexts the process' own, unless another OpenTelemetry SDK is there already; the first instance
 * wins. The returned function undoes it.
 */
export function registerGlobally(provider: TracerProvider, contexts: ContextStore): () => void {
  const undo: (() => void)[] = [];
  if (trace.setGlobalTracerProvider(provider)) undo.push(() => trace.disable());
  if (context.setGlobalContextManager(new StoreContextManager(contexts))) undo.push(() => context.disable());
  return () => {
    for (const step of undo.splice(0)) step();
  };
}
