/** What takes the place of something redacted. */
export const REDACTED = '[REDACTED]';

/** One thing that must not be stored. */
export interface RedactionRule {
  /** A label of the telemetry. */
  readonly name: string;
  /** Texts of which a line has at least one when the rule could find anything; none when that cannot be said. A cheap look goes first. */
  readonly literals: readonly string[];
  /** Another cheap look, at UTF-8 bytes. */
  readonly mayMatch?: (bytes: Uint8Array) => boolean;
  /** The text without it; the same text when there is nothing. In time linear in the text. */
  apply(text: string): string;
  /** Whether the value under a name is to go as a whole. */
  readonly hides?: (name: string) => boolean;
}
