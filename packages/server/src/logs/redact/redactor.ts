import { Buffer, isUtf8 } from 'node:buffer';
import { Labels } from '@pharos/promql';
import type { LogLine } from '../sink.ts';
import { bitOf, NeedleSet } from './needles.ts';
import { REDACTED, type RedactionRule } from './rule.ts';

interface Prepared {
  readonly rule: RedactionRule;
  readonly needles: readonly Buffer[];
  /** In what the line's {@link NeedleSet} found. */
  readonly bit: number;
}

/**
 * Takes what must not be stored out of lines, metadata values and stream labels, before anything else sees them. A line in which no rule's literals
 * occur costs one pass over its bytes, and is neither decoded nor copied.
 */
export class Redactor {
  readonly #rules: readonly Prepared[];
  readonly #needles: NeedleSet;
  readonly #redacted: (rule: string) => void;

  /** @param redacted told of each line or metadata value that a rule takes something out of. */
  constructor(rules: readonly RedactionRule[], redacted: (rule: string) => void) {
    this.#needles = new NeedleSet(rules.map(({ literals }) => literals));
    this.#rules = rules.map((rule, i) => ({
      rule,
      needles: rule.literals.map((text) => Buffer.from(text)),
      bit: bitOf(i),
    }));
    this.#redacted = redacted;
  }

  /** Changes the line where it must: then its bytes are others. */
  apply(line: LogLine): void {
    this.#message(line);
    const { metadata } = line;
    for (let i = 0; i < metadata.length; i += 2) {
      const value = metadata[i + 1] ?? '';
      if (value !== '') metadata[i + 1] = this.#value(metadata[i] ?? '', value);
    }
  }

  /** The labels of a stream, their values as those of metadata. */
  labels(labels: Labels): Labels {
    const { pairs } = labels;
    let changed: Map<string, string> | null = null;
    for (let i = 0; i < pairs.length; i += 2) {
      const [name, value] = [pairs[i] ?? '', pairs[i + 1] ?? ''];
      const next = this.#value(name, value);
      if (next !== value) (changed ??= labels.toMap()).set(name, next);
    }
    return changed === null ? labels : Labels.fromMap(changed);
  }

  #message(line: LogLine): void {
    const bytes = Buffer.from(line.bytes.buffer, line.bytes.byteOffset + line.start, line.end - line.start);
    const found = this.#needles.look(line.bytes, line.start, line.end);
    let text: string | null = null;
    for (const { rule, needles, bit } of this.#rules) {
      if (needles.length > 0 && (found & bit) === 0) continue;
      if (!mayMatch(bytes, rule, needles)) continue;
      if (text === null) {
        // The appender refuses it; repaired here it would pass.
        if (!isUtf8(bytes)) return;
        text = bytes.toString();
      }
      const next = rule.apply(text);
      if (next === text) continue;
      text = next;
      this.#redacted(rule.name);
      line.bytes = Buffer.from(text);
      line.start = 0;
      line.end = line.bytes.length;
    }
  }

  #value(name: string, value: string): string {
    let text = value;
    for (const { rule } of this.#rules) {
      const may = rule.literals.length === 0 || rule.literals.some((literal) => text.includes(literal));
      const next = rule.hides?.(name) === true ? REDACTED : may ? rule.apply(text) : text;
      if (next === text) continue;
      text = next;
      this.#redacted(rule.name);
    }
    return text;
  }
}

function mayMatch(bytes: Buffer, rule: RedactionRule, needles: readonly Buffer[]): boolean {
  return rule.mayMatch?.(bytes) ?? (needles.length === 0 || needles.some((needle) => bytes.includes(needle)));
}
