/** Where something stands in a template, and how it is written there. */
export interface Place {
  /** Offset in the source, in UTF-16 units. */
  readonly at: number;
  readonly text: string;
}

/** One operand of a command. */
export type Operand = Place &
  (
    | { readonly kind: 'literal'; readonly value: string | bigint | number | boolean | null }
    /** `.`, `.a.b`. */
    | { readonly kind: 'field'; readonly path: readonly string[] }
    /** `$`, `$x`, `$x.a`. */
    | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
    | { readonly kind: 'function'; readonly name: string }
    /** `(pipeline).a`. */
    | { readonly kind: 'group'; readonly pipe: Pipe; readonly path: readonly string[] }
  );

export type Command = readonly Operand[];

export interface Pipe {
  /** `$x := …` or `$i, $x := …`. */
  readonly names: readonly string[];
  /** `=` instead of `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  /** `{{template "name" pipeline}}`; without a pipeline the dot there is nil. */
  | ({ readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | undefined } & Place)
  | { readonly kind: 'break' | 'continue' };

/** What a source holds: its own nodes, and the templates it defines. */
export interface ParsedTemplate {
  readonly nodes: readonly Node[];
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
}
