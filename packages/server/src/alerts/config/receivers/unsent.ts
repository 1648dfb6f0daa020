import type { GlobalSettings } from '../global.ts';
import { anything, type Decoder, type Fields, given, listOf, type Struct } from '../yaml/decode.ts';
import type { Place } from '../yaml/place.ts';
import { type Entry, type Finish, receiverKind } from './kind.ts';

/** Kinds that Alertmanager sends to and Pharos does not: their files load, and each entry is skipped and says so. */
export type UnsentEntry = Entry<'unsent', { readonly name: string }>;

/** What must be written of one kind; refuses what is not. */
type Check<F extends Fields> = (written: Struct<F>, global: GlobalSettings) => void;

/** A kind that is read and checked, and then skipped. */
export function unsent<F extends Fields>(
  name: string,
  fields: F,
  isResolvedSent: boolean,
  check: Check<F>,
): Decoder<Finish<UnsentEntry>> {
  return receiverKind(fields, (written, global) => {
    check(written, global);
    return { kind: 'unsent', sendResolved: isResolvedSent, http: undefined, settings: { name } };
  });
}

/** One of these must be written. */
export const need = (place: Place, values: readonly unknown[], message: string): void => {
  if (!values.some(given)) place.refuse(message);
};

/** Parts of messages that nobody here looks into. */
export const attachments = { fields: listOf(anything), actions: listOf(anything) } as const;
