import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { ParserOptions } from '@pharos/promql';
import { type FileSystem, readWhole, replaceDurably } from '../../journal/index.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import { Turns } from '../../kernel/turns.ts';
import {
  type FieldProblem,
  type ReadRule,
  readRule,
  ruleRefusal,
  type WrittenRule,
} from '../back-test/written-rule.ts';
import { alertErrors } from '../errors.ts';
import { ruleId } from '../pages/shown-rules.ts';
import type { RuleGroup } from '../rules/definition.ts';
import { ownFileText, readOwnFile } from './file.ts';

/** A rule that was made over the API. */
export interface OwnRule {
  /** As the pages of rules know it; another one when its name or labels change. */
  readonly id: string;
  /** Stands for what it says: a change tells on which version it was made. */
  readonly version: string;
  readonly written: WrittenRule;
  readonly read: ReadRule;
}

export interface OwnRulesDeps {
  readonly fs: FileSystem;
  readonly log: Log;
  readonly parser: ParserOptions;
  /** Of the file that holds them. */
  readonly path: string;
  /** Called when other rules are to be in force; resolves when they are. */
  readonly changed: () => Promise<void>;
}

type OwnRuleResult =
  | { readonly ok: true; readonly rule: OwnRule }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** A script that runs wild must not fill memory, nor make every change write for seconds. */
const MOST_RULES = 1000;
const MOST_BYTES = 4 * 2 ** 20;
const FILE = 'file';

/** Rules made over the API: in force beside those of the rule files, and kept in a rule file of their own. */
export class OwnRules implements Service {
  readonly name = 'own-rules';
  readonly dependsOn = ['data-directory'];
  readonly #deps: OwnRulesDeps;
  readonly #turns = new Turns();
  /** By name. */
  #rules: readonly OwnRule[] = [];
  /** What the file held when it was read or written last; null for no file. */
  #text: string | null = null;

  constructor(deps: OwnRulesDeps) {
    this.#deps = deps;
  }

  get path(): string {
    return this.#deps.path;
  }

  /** Rejects with `rule` where the file is not what was written: without them nobody would be told. */
  async start(): Promise<void> {
    const text = await this.#fileText();
    if (text === null) return;
    const refuse = (reason: string): Error => alertErrors.make('rule', `${this.path}: ${reason}`);
    const file = readOwnFile(text);
    if (!file.ok) throw refuse(file.reason);
    this.#rules = sorted(
      file.rules.map((written) => {
        const read = this.#read(written);
        if (!read.ok) throw refuse(`"${written.alert}": ${ruleRefusal(read.problems).message}`);
        return read.rule;
      }),
    );
    this.#text = text;
  }

  list(): readonly OwnRule[] {
    return this.#rules;
  }

  groups(): readonly RuleGroup[] {
    return this.#rules.map(({ read }) => read.group);
  }

  /** Throws `unknownRule`. */
  get(id: string): OwnRule {
    const found = this.#rules.find((one) => one.id === id);
    if (found === undefined)
      throw alertErrors.make('unknownRule', `there is no rule ${id} that was made here`);
    return found;
  }

  /** Resolves when it is durable and in force. Rejects with `rule`, `ruleExists` or `ruleChanged`. */
  create(written: WrittenRule, by: string): Promise<OwnRule> {
    return this.#turns.take(FILE, async () => {
      if (this.#rules.length >= MOST_RULES)
        throw alertErrors.make('rule', `there are ${MOST_RULES} rules already; put them into files`);
      const rule = this.#readOrRefuse(written);
      this.#refuseTwice(rule, this.#rules);
      await this.#put([...this.#rules, rule], { by, what: 'made', rule });
      return rule;
    });
  }

  /** The same for a change; `version` is the one that it was made on. Rejects with `unknownRule` too. */
  change(id: string, written: WrittenRule, version: string | undefined, by: string): Promise<OwnRule> {
    return this.#turns.take(FILE, async () => {
      const before = this.#expect(id, version);
      const rule = this.#readOrRefuse(written);
      const others = this.#rules.filter((one) => one !== before);
      this.#refuseTwice(rule, others);
      await this.#put([...others, rule], { by, what: 'changed', rule });
      return rule;
    });
  }

  remove(id: string, version: string | undefined, by: string): Promise<void> {
    return this.#turns.take(FILE, async () => {
      const rule = this.#expect(id, version);
      await this.#put(
        this.#rules.filter((one) => one !== rule),
        { by, what: 'removed', rule },
      );
    });
  }

  #expect(id: string, version: string | undefined): OwnRule {
    const found = this.get(id);
    if (version !== undefined && version !== found.version)
      throw alertErrors.make('ruleChanged', `"${found.written.alert}" was changed in the meantime`);
    return found;
  }

  #refuseTwice({ written }: OwnRule, others: readonly OwnRule[]): void {
    if (others.some((one) => one.written.alert === written.alert))
      throw alertErrors.make('ruleExists', `alert: there is a rule "${written.alert}" already`, {
        details: { problems: [{ field: 'alert', problem: 'there is a rule of this name already' }] },
      });
  }

  #readOrRefuse(written: WrittenRule): OwnRule {
    const read = this.#read(written);
    if (!read.ok) throw ruleRefusal(read.problems);
    return read.rule;
  }

  #read(written: WrittenRule): OwnRuleResult {
    const read = readRule(written, this.path, this.#deps.parser);
    if (!read.ok) return read;
    const rule = { id: ruleId(read.group, read.rule), version: versionOf(written), written, read };
    return { ok: true, rule };
  }

  /** On disk first, then in force. */
  async #put(
    rules: readonly OwnRule[],
    { by, what, rule }: { readonly by: string; readonly what: string; readonly rule: OwnRule },
  ): Promise<void> {
    const { fs, log, changed } = this.#deps;
    const next = sorted(rules);
    if ((await this.#fileText()) !== this.#text)
      throw alertErrors.make(
        'ruleChanged',
        `${this.path} was changed by hand: restart Pharos to take it, before it is written anew`,
      );
    const text = ownFileText(next.map(({ written }) => written));
    const bytes = Buffer.byteLength(text);
    // What makes it smaller is taken from any file.
    if (bytes > MOST_BYTES && bytes > Buffer.byteLength(this.#text ?? ''))
      throw alertErrors.make(
        'rule',
        `with "${rule.written.alert}" the file of rules would have ${bytes} bytes, at most ${MOST_BYTES} are kept; put long ones into files of your own`,
      );
    await fs.makeDirectory(dirname(this.path));
    try {
      await replaceDurably(fs, this.path, Buffer.from(text));
    } finally {
      // One that failed may have come so far that the file is there, without being certain to stay.
      this.#text = await this.#fileText();
    }
    this.#rules = next;
    log.info({ rule: rule.written.alert, by, what }, 'a rule was changed over the API');
    await changed();
  }

  async #fileText(): Promise<string | null> {
    try {
      return Buffer.from(await readWhole(this.#deps.fs, this.path)).toString('utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }
}

function versionOf(written: WrittenRule): string {
  return createHash('sha256').update(JSON.stringify(written), 'utf8').digest('hex').slice(0, 16);
}

function sorted(rules: readonly OwnRule[]): readonly OwnRule[] {
  return rules.toSorted((a, b) => (a.written.alert < b.written.alert ? -1 : 1));
}
