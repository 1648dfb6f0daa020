/** What takes the place of something redacted. */
export const REDACTED = '[REDACTED]';

/** A rule of the configuration's own. */
export interface OwnRule {
  readonly name: string;
  /** RE2. */
  readonly pattern: string;
  readonly replacement: string;
  /** Texts of which a line must have one for the pattern to be tried. */
  readonly contains: readonly string[];
}

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
  /** Where the configuration wrote it itself. */
  readonly own?: OwnRule;
}
