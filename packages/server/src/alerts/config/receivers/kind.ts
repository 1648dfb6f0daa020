import type { GlobalSettings } from '../global.ts';
import { type HttpSettings, httpSettings } from '../http-client.ts';
import { type Decoder, type Fields, flag, given, type Struct, struct } from '../yaml/decode.ts';

/** One entry below a receiver, complete: its own settings and, where it says nothing, the global ones. */
export interface Entry<Kind extends string, Settings> {
  readonly kind: Kind;
  /** Whether it is told that alerts ended. */
  readonly sendResolved: boolean;
  /** How it is reached; undefined is Alertmanager's default, and for what is not HTTP. */
  readonly http: HttpSettings | undefined;
  readonly settings: Settings;
}

/** What every kind of receiver knows. */
export const common = { send_resolved: flag } as const;
/** The same for those reached over HTTP. */
export const overHttp = { ...common, http_config: httpSettings } as const;

/** Completes what was written with what is global; undefined after it was refused. */
export type Finish<Result> = (global: GlobalSettings) => Result | undefined;

/** A kind of receiver: reads an entry at once, and completes it when the whole file is read. */
export const receiverKind =
  <F extends Fields, Result>(
    fields: F,
    finish: (written: Struct<F>, global: GlobalSettings) => Result | undefined,
  ): Decoder<Finish<Result>> =>
  (place) => {
    const written = struct(fields)(place);
    return written === undefined ? undefined : (global) => finish(written, global);
  };

/** A secret, or the file that holds it. */
export interface SecretSource {
  readonly value?: string | undefined;
  readonly file?: string | undefined;
}

/** The first source that has something: an entry's own before the global one. */
export function firstSecret(...sources: readonly SecretSource[]): SecretSource | undefined {
  return sources.find(({ value, file }) => given(value) || given(file));
}
