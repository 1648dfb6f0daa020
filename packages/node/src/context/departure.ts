import type { Span } from '@opentelemetry/api';

/** A call that is about to leave. */
interface Leaving {
  readonly method: string | undefined;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly host: string;
  readonly path: string;
  /** The caller says itself where the call stands in a trace. */
  readonly traced: boolean;
}

interface Departure {
  readonly headers: readonly [name: string, value: string][];
  /** Of the call; ended by whoever sees it end. */
  readonly span: Span | undefined;
}

/** Says what an outgoing call carries along. */
export type Depart = (leaving: Leaving) => Departure;
